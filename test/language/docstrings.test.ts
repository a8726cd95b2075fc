import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/* Everything that one file offers to another says what it is: its shape, its units, its errors. */
const files = ['lib', 'functions'].flatMap((folder) => globSync(`${folder}/**/*.ts`)).sort();

const exported =
  /^export (?:async )?(?:abstract )?(?:const|function\*?|class|interface|type) (\w+)/;

/** Names that a file exports without a docstring; the first of several overloads has it. */
function bare(source: string): string[] {
  const documented = new Set<string>();
  const lines = source.split('\n');
  return lines.flatMap((line, index) => {
    const name = exported.exec(line)?.[1];
    if (!name) return [];
    const above = lines.slice(0, index).filter((one) => !one.startsWith('// biome-ignore'));
    const opening = above.findLast((one) => one.trimStart().startsWith('/*'));
    if (above.at(-1)?.trimEnd().endsWith('*/') && opening?.trimStart().startsWith('/**'))
      documented.add(name);
    return documented.has(name) ? [] : [name];
  });
}

test('every exported symbol has a docstring', () => {
  const found = files.flatMap((file) =>
    bare(readFileSync(file, 'utf8')).map((name) => `${file}: ${name}`),
  );
  expect(found).toEqual([]);
});

test('a symbol without a docstring is found, and a second overload is none', () => {
  const source = [
    '/** Adds. */',
    'export function add(a: number): number;',
    'export function add(a: string): string;',
    'export const one = 1;',
  ].join('\n');
  expect(bare(source)).toEqual(['one']);
});
