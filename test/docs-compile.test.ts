import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/*
 * Readers copy the documentation's TypeScript, so each block must compile as a file in the root of
 * the project. A block that is only a part of a program has the info string `ts fragment`.
 */
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')];
const root = join(import.meta.dirname, '..');
const folder = join(root, '.rekey/docs-compile');

interface Block {
  readonly info: string;
  readonly text: string;
  readonly where: string;
}

function blocks(page: string): Block[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^ *```(ts|tsx|typescript)\b(.*)\n([\s\S]*?)^ *```/gm)].map(
    ({ 1: language = '', 2: info = '', 3: code = '', index }) => ({
      info: `${language}${info}`.trim(),
      text: code,
      where: `${page}:${text.slice(0, index).split('\n').length}`,
    }),
  );
}

const all = pages.flatMap(blocks);
const whole = all.filter(({ info }) => info === 'ts');

test('a TypeScript block in the documentation is complete or marked as a fragment', () => {
  expect(whole.length).toBeGreaterThan(1);
  const others = all.filter(({ info }) => info !== 'ts' && info !== 'ts fragment');
  expect(
    others.map(({ where, info }) => `${where}: "${info}"; write "ts" or "ts fragment"`),
  ).toEqual([]);
});

test('the TypeScript blocks of the documentation compile', () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = whole.map(({ text, where }) => {
    const name = `${where.replaceAll(/[^\w]+/g, '-')}.ts`;
    writeFileSync(join(folder, name), text);
    return name;
  });
  // rootDirs: a block that imports './lib/…' means the folder of the project
  const compilerOptions = { noEmit: true, rootDirs: ['../..', '.'] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: [], files }),
  );
  const errors = compile();
  expect(errors).toBe('');
});

function compile(): string {
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    return execFileSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error);
  }
}
