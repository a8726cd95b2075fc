import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lists } from '../../lib/scaffold/lists.ts';
import { checkName, namesOf } from '../../lib/scaffold/names.ts';

test('npm run new-provider knows each form of a name', () => {
  expect(namesOf('acme')).toEqual({ name: 'acme', constant: 'acme', type: 'Acme', title: 'Acme' });
  expect(namesOf('big-co-2')).toEqual({
    name: 'big-co-2',
    constant: 'bigCo2',
    type: 'BigCo2',
    title: 'Big Co 2',
  });
});

test.each([undefined, '', 'Acme', 'a--b', '-a', 'a-', '2a', 'a_b', '../a', 'a.b', 'a'.repeat(41)])(
  'npm run new-provider refuses the name %j',
  (name) => {
    expect(() => checkName(name)).toThrow('expected the name of a provider');
  },
);

test.each(['index', 'client', 'class', 'default'])(
  'npm run new-provider refuses the name %s, which is in use elsewhere',
  (name) => {
    expect(() => checkName(name)).toThrow('reserved');
  },
);

describe.each(Object.entries(lists))('the list in %s', (file, add) => {
  const now = readFileSync(file, 'utf8');
  const linesOf = (text: string) => text.split('\n');

  test.each(['aaa', 'fictional', 'fictional-registry', 'zzz', 'x'.repeat(40)])(
    'npm run new-provider adds %s, and keeps every other line of the list',
    (name) => {
      const after = add(now, namesOf(name));
      expect(after).toContain(name);
      const kept = linesOf(now);
      let found = 0;
      for (const line of linesOf(after)) if (line === kept[found]) found += 1;
      expect(kept.slice(found)).toEqual([]);
    },
  );

  test('npm run new-provider adds a provider to a list once', () => {
    const names = namesOf('fictional');
    expect(add(add(now, names), names)).toBe(add(now, names));
  });

  test('npm run new-provider keeps the providers of a list in order', () => {
    const after = add(add(now, namesOf('mmm')), namesOf('eee'));
    expect(after.indexOf('eee')).toBeGreaterThan(-1);
    if (!file.endsWith('.yaml')) expect(after.indexOf('eee')).toBeLessThan(after.indexOf('mmm'));
  });
});

test('npm run new-provider fails if a file has no list', () => {
  expect(() => lists['README.md']?.('# rekey\n', namesOf('acme'))).toThrow('there is no list');
});
