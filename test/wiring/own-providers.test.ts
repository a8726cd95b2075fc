import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { providers } from '../../lib/providers/index.ts';
import { loadProviders } from '../../lib/wiring/load-providers.ts';

// in the project, so that its packages are found
mkdirSync('.rekey', { recursive: true });
const folder = mkdtempSync('.rekey/own-providers-');
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Writes a file of providers; returns its path, relative to the working directory. */
function fileOf(code: string, name = `providers-${++files}.ts`): string {
  const file = join(folder, name);
  writeFileSync(file, code);
  return relative('.', file);
}

const imports = `import { defineProvider, tokenAdmin } from 'cdk-rekey/provider';
import * as z from 'zod';
`;
const provider = (name: string, more = '') => `defineProvider({
  name: '${name}',
  params: z.strictObject({ projectId: z.string() }),
  admin: tokenAdmin,
  endpoint: 'https://api.example.com',
  async check() {},
  async issue() { throw new Error('not called'); },
  ${more}
})`;

/** The problems of a file. */
function problemsOf(file: string): string {
  try {
    loadProviders(file);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was loaded');
}

describe('the providers of a user', () => {
  test('without a file there are those of rekey', () => {
    expect(loadProviders(undefined)).toBe(providers);
  });

  test.each([
    ['a provider', `export default ${provider('acme')};`],
    ['a list', `export default [${provider('acme')}];`],
    ['a record', `export default { acme: ${provider('acme')} };`],
    ['a CommonJS module', undefined],
  ])('%s as the default export is added to those of rekey', (what, code) => {
    const file = code
      ? fileOf(`${imports}${code}`)
      : fileOf(
          `const { defineProvider, tokenAdmin } = require('cdk-rekey/provider');
           const z = require('zod');
           module.exports = { default: ${provider('acme')} };`,
          'common.cjs',
        );
    const loaded = loadProviders(file);
    expect(Object.keys(loaded), what).toEqual([...Object.keys(providers), 'acme']);
    expect(loaded.acme).toMatchObject({
      name: 'acme',
      realms: [],
      capabilities: { bearer: false },
    });
  });

  test('their parameters are those of the author', () => {
    const loaded = loadProviders(fileOf(`${imports}export default ${provider('acme')};`));
    expect(loaded.acme?.params.safeParse({ projectId: 'shop' }).success).toBe(true);
    expect(loaded.acme?.params.safeParse({ project: 'shop' }).success).toBe(false);
  });

  test('a file that does not exist, and a folder, are named', () => {
    expect(problemsOf('none.ts')).toBe('none.ts does not exist; expected a file of providers');
    expect(problemsOf(folder)).toBe(`${folder} is not a file; expected a file of providers`);
  });

  test.each([
    ['nothing', '', ': expected a default export: a provider, or a list of providers'],
    ['a function', 'export default () => {};', ': expected a default export: a provider'],
    ['an empty list', 'export default [];', ': expected a default export: a provider'],
    ['a number', 'export default [7];', ': 0: expected the result of defineProvider'],
    [
      'a definition without defineProvider',
      'export default { name: "acme", async issue() {} };',
      ': capabilities: expected the result of defineProvider',
    ],
    ['a wrong name', `export default ${provider('Acme!')};`, ': name: expected a name of 1 to 63'],
    [
      'a wrong method',
      `export default ${provider('acme', 'find: 3,')};`,
      ': find: expected a function',
    ],
    ['a name of rekey', `export default ${provider('ionos')};`, ': ionos is a provider of rekey'],
    [
      'a name twice',
      `export default [${provider('acme')}, ${provider('acme')}];`,
      ': two providers have the name acme',
    ],
    [
      'an error when it is loaded',
      'throw new Error("no luck\\nat all");',
      ' cannot be loaded: no luck',
    ],
    ['a package that is missing', 'import "no-such-package";', ' cannot be loaded: Cannot find'],
    [
      'a top-level await',
      'await 1; export default 1;',
      ' cannot be loaded: it has a top-level await',
    ],
    ['TypeScript that Node cannot strip', 'export enum A { B }', ' cannot be loaded: '],
    ['no TypeScript', 'export default [', ' cannot be loaded: '],
  ])('a file with %s is refused in one sentence', (_what, code, sentence) => {
    const file = fileOf(code.includes('defineProvider(') ? `${imports}${code}` : code);
    const problems = problemsOf(file);
    expect(problems).toContain(`${file}${sentence}`);
    expect(problems).not.toContain('\n    at ');
  });

  test('every wrong provider of a list has its line', () => {
    const file = fileOf(`${imports}export default [7, ${provider('acme')}, 8];`);
    expect(problemsOf(file).split('\n')).toEqual([
      `${file}: 0: expected the result of defineProvider`,
      `${file}: 2: expected the result of defineProvider`,
    ]);
  });
});
