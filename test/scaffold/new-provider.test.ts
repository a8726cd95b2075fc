import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOf } from '../../lib/scaffold/index.ts';

/*
 * `npm run new-provider` in a copy of the project: its output has to pass as it is.
 */
const parts = [
  ...['bin', 'functions', 'lib', 'test', 'docs', 'examples', 'schema'],
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', '.github'],
  ...['package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json'],
];
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rekey-scaffold-'));
  for (const part of parts) cpSync(part, join(root, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const scaffold = (name: string) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/new-provider.ts'), name],
    { encoding: 'utf8' },
  );
  return { status, written: stdout.match(/(?<=^wrote ).*/gm) ?? [], stderr };
};
const run = (script: string, ...args: string[]): string => {
  const path = join(root, 'node_modules', script);
  try {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
    return execFileSync(process.execPath, [path, ...args], { cwd: root, encoding: 'utf8', env });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`);
  }
};

const name = 'fictional-registry-2';
const files = [
  `lib/providers/${name}.ts`,
  `lib/sandbox/vendors/${name}/index.ts`,
  `test/providers/${name}.test.ts`,
  `docs/providers/${name}.md`,
];
const touched = [
  'lib/providers/index.ts',
  'lib/sandbox/vendors/index.ts',
  'README.md',
  'docs/README.md',
  'examples/fleet.yaml',
];

test('npm run new-provider refuses a name that is taken, and writes nothing', () => {
  const before = readFileSync(join(root, 'lib/providers/index.ts'), 'utf8');
  for (const taken of ['ionos', 'quay']) {
    const { status, written, stderr } = scaffold(taken);
    expect([status, written]).toEqual([1, []]);
    expect(stderr).toMatch(/^lib\/.* already exists; choose another name, or delete it first\n$/);
  }
  expect(scaffold('Not A Name')).toMatchObject({ status: 1, written: [] });
  expect(readFileSync(join(root, 'lib/providers/index.ts'), 'utf8')).toBe(before);
});

test('npm run new-provider continues after a crash, and a second run writes nothing', () => {
  const [provider = '', vendor = ''] = files;
  const all = filesOf(root, name);
  writeFileSync(join(root, provider), all[provider] ?? '');
  writeFileSync(join(root, `${provider}.new`), 'half');
  expect(scaffold(name)).toEqual({
    status: 0,
    written: [...files.slice(1), ...touched],
    stderr: '',
  });
  rmSync(join(root, `${provider}.new`));
  expect(existsSync(join(root, vendor))).toBe(true);
  expect(scaffold(name)).toEqual({ status: 0, written: [], stderr: '' });
});

test('npm run new-provider writes code that compiles and passes the linter', () => {
  const compilerOptions = { noEmit: true };
  writeFileSync(
    join(root, 'tsconfig.new.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions,
      include: [],
      files: [...files, ...touched].filter((file) => file.endsWith('.ts')),
    }),
  );
  expect(run('typescript/bin/tsc', '-p', 'tsconfig.new.json')).toBe('');
  const ours = [...files, ...touched].filter((file) => file.endsWith('.ts'));
  run('@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', ...ours);
});

test('npm run new-provider writes a provider and lists that pass every test', () => {
  const output = run(
    'vitest/vitest.mjs',
    ...['run', `test/providers/${name}.test.ts`, 'test/providers/place.test.ts'],
    ...['test/readme.test.ts', 'test/docs-index.test.ts', 'test/language'],
    ...[
      'test/architecture.test.ts',
      'test/schemas.test.ts',
      'test/reference.test.ts',
      '--maxWorkers=1',
    ],
  );
  // the contract alone has a hundred
  expect(Number(/Tests +(\d+) passed/.exec(output)?.[1])).toBeGreaterThan(100);
});

test('the example in CONTRIBUTING.md is the template', () => {
  const page = readFileSync('CONTRIBUTING.md', 'utf8');
  const [, example = ''] = /```ts fragment\n(.*?)^```/ms.exec(page) ?? [];
  const provider = filesOf(resolve('.'), 'acme')['lib/providers/acme.ts'] ?? '';
  expect(provider.slice(provider.indexOf('const Params'))).toBe(example);
});
