import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withoutZodDetails } from './campaigns/reference/declaration.ts';
import { entries, entriesOf } from './campaigns/reference/entries.ts';
import { problemsOf, reference } from './campaigns/reference/reference.ts';

test('docs/reference is complete, and up to date with `npm run reference`', () => {
  const made = reference(entries());
  expect(problemsOf(made, 'docs/reference')).toEqual({ gaps: [], outdated: [] });
  expect(made.symbols).toBeGreaterThan(20);
});

test('the reference has a page for each module in the exports of package.json', () => {
  const source = (file: string) => ({ 'rekey-source': file, types: 'dist/x.d.ts' });
  const exports = {
    '.': source('./lib/a/index.ts'),
    './a': source('./lib/a/index.ts'),
    './b/testing': source('./lib/b.ts'),
    './schema': './schema/index.json',
  };
  expect(entriesOf({ name: 'box', exports })).toEqual([
    { page: 'a', names: ['box', 'box/a'], source: 'lib/a/index.ts' },
    { page: 'b-testing', names: ['box/b/testing'], source: 'lib/b.ts' },
  ]);
});

describe('the reference of a module', () => {
  const entry = { page: 'box', names: ['box'], source: 'test/fixtures/reference/module.ts' };
  const made = reference([entry]);
  const page = made.pages['box.md'] ?? '';

  test('the reference reports symbols and members without a docstring or a default', () => {
    expect(made.gaps).toEqual([
      'BoxProps.open (box) is optional and has no @default',
      'Box.bare (box) has no docstring',
      'undocumented (box) has no docstring',
      'Local (box) has no docstring',
    ]);
  });

  test('a property has its type, its meaning on one line, and its default', () => {
    expect(page).toContain('| `time?` | `number` | How long it keeps its content. | 1 \\| 2 |');
  });

  test('a method has its signature and what it throws, without its body', () => {
    expect(page).toContain('```ts fragment\ncontent(size: Local): string\n```\n\nIts content.');
    expect(page).toContain('**Throws:** Error if it is closed');
    expect(page).toContain('constructor(secret: string, _props: BoxProps)\n');
  });

  test('an overloaded function has its public signatures only', () => {
    expect(page).toContain(
      'function twice(value: number): number\nfunction twice(value: string): string\n```',
    );
  });

  test('a type that a method names and no one exports is described too', () => {
    expect(page).toContain('## `Local`');
    expect(page).toContain('| `size` | `number` | Bytes. |');
  });

  test('private and internal members, and hooks of protocols, are left out', () => {
    expect(page).not.toMatch(/hidden|#secret|#open|toPrimitive/);
  });

  test('a re-exported package is named, and not described', () => {
    expect(page).toContain('## `z`\n\nFrom the package `zod`.');
  });
});

test('a page that is missing, outdated or left over is reported with what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-reference-'));
  try {
    writeFileSync(join(folder, 'old.md'), 'before');
    writeFileSync(join(folder, 'gone.md'), '');
    const pages = { 'new.md': 'a', 'old.md': 'after' };
    const { outdated } = problemsOf({ pages, symbols: 0, gaps: [] }, folder);
    const advice = 'differs from the code; run npm run reference and commit it';
    expect(outdated).toEqual(
      ['gone.md', 'new.md', 'old.md'].map((file) => `${folder}/${file} ${advice}`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the type of a zod schema is shortened', () => {
  expect(withoutZodDetails('(a: T<B>) => ZodObject<{ a: ZodOptional<X>; f: () => Y }>[]')).toBe(
    '(a: T<B>) => ZodObject[]',
  );
});
