import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lockfile, manifest, problems } from './lockfile.ts';

const wanted = {
  dependencies: { zod: '4.6.7' },
  devDependencies: {},
  allowScripts: { esbuild: true },
};
const integrity = `sha512-${'A'.repeat(86)}==`;
const zod = { version: '4.6.7', license: 'MIT', integrity };

const found = (path: string, change: object, others: object = {}) =>
  problems(
    lockfile.parse({
      lockfileVersion: 3,
      packages: { '': {}, ...others, [path]: { ...zod, ...change } },
    }),
    wanted,
  );

test('the packages of this project have no problems', () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  expect(
    problems(lockfile.parse(read('package-lock.json')), manifest.parse(read('package.json'))),
  ).toEqual([]);
});

test('npm refuses unlisted install scripts, and versions younger than three days', () => {
  const settings = readFileSync('.npmrc', 'utf8').split('\n');
  expect(settings).toEqual(
    expect.arrayContaining(['strict-allow-scripts=true', 'min-release-age=3']),
  );
});

test.each([
  ['without a checksum', 'node_modules/zod', { integrity: undefined }, 'no checksum'],
  ['with a weak checksum', 'node_modules/zod', { integrity: 'sha1-AAAA' }, 'no checksum'],
  [
    'from another address',
    'node_modules/zod',
    { resolved: 'https://packages.example.com/zod.tgz' },
    'an address of its own',
  ],
  [
    'from a repository',
    'node_modules/zod',
    { resolved: 'git+ssh://git@example.com/zod.git#abc' },
    'an address of its own',
  ],
  ['from a folder', 'packages/zod', {}, 'is not a package of a registry'],
  ['that is a link', 'node_modules/zod', { link: true }, 'is not a package of a registry'],
  ['with another name', 'node_modules/zod', { name: 'zot' }, 'zot by another name'],
  ['with a script', 'node_modules/zod', { hasInstallScript: true }, 'runs an install script'],
  ['without a license', 'node_modules/zod', { license: undefined }, 'the license (none)'],
  [
    'with a copyleft license',
    'node_modules/zod',
    { license: 'GPL-3.0-or-later' },
    'the license GPL',
  ],
  [
    'with one license too many',
    'node_modules/zod',
    { license: 'MIT AND GPL-2.0-only' },
    'the license MIT AND',
  ],
  [
    'that is deployed, with a license for tools',
    'node_modules/zod',
    { license: 'MPL-2.0' },
    'the license MPL',
  ],
  [
    'bundled in one without a checksum',
    'node_modules/a/node_modules/zod',
    { inBundle: true, integrity: undefined },
    'no checksum',
  ],
])('a package %s is found', (_name, path, change, expected) => {
  expect(
    found(path, change, { 'node_modules/a': { ...zod, integrity: undefined } }).join('\n'),
  ).toContain(`${path}: `);
  expect(found(path, change).join('\n')).toContain(expected);
});

test.each([
  ['without problems', 'node_modules/zod', {}],
  ['with an allowed script', 'node_modules/esbuild', { hasInstallScript: true }],
  ['with a choice of licenses', 'node_modules/zod', { license: '(MIT OR GPL-3.0-or-later)' }],
  [
    'that is a tool, with a license for tools',
    'node_modules/zod',
    { license: 'MPL-2.0', dev: true },
  ],
  [
    'bundled in one with a checksum',
    'node_modules/a/node_modules/b/node_modules/zod',
    { inBundle: true, integrity: undefined },
  ],
])('a package %s is accepted', (_name, path, change) => {
  const others = {
    'node_modules/a': zod,
    'node_modules/a/node_modules/b': { ...zod, inBundle: true, integrity: undefined },
  };
  expect(found(path, change, others)).toEqual([]);
});

test('a version that is not exact is found', () => {
  const packages = lockfile.parse({ lockfileVersion: 3, packages: {} });
  expect(problems(packages, { ...wanted, dependencies: { zod: '^4.6.7' } })).toEqual([
    'package.json: zod has the range "^4.6.7"; expected one exact version',
  ]);
});

test('a development package whose code is deployed needs the license of a deployed one', () => {
  const lock = lockfile.parse({
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/tool': { ...zod, license: 'MPL-2.0', dev: true } },
  });
  expect(problems(lock, wanted)).toEqual([]);
  expect(problems(lock, wanted, new Set(['node_modules/tool']))).toEqual([
    expect.stringContaining('node_modules/tool: has the license MPL-2.0'),
  ]);
});
