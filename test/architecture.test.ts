import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** What each folder may import: folders below lib/, and packages. The message of a red test says what to do instead. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: ['core', 'zod', 'croner', 'node:crypto', 'node:net', 'node:util'],
  http: ['http', 'core', 'undici', 'zod', 'node:*'],
  registry: ['registry', 'core', 'http', 'zod', 'node:*'],
  providers: ['providers', 'core', 'http', 'zod', 'node:crypto'],
  aws: ['aws', 'core', '@aws-sdk/*', 'node:*'],
  cli: ['cli', 'core', 'commander'],
  cdk: ['cdk', 'core', 'providers', 'fleet-file.ts', 'aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'yaml', 'node:*'],
  local: [
    'local',
    'core',
    'http',
    '@aws-sdk/*',
    '@smithy/*',
    'fauxqs',
    'hono',
    'hono/*',
    '@hono/node-server',
    'zod',
    'croner',
    'node:*',
  ],
  'engine.ts': ['core', 'http', 'registry', 'providers', 'aws', 'clock.ts', '@aws-sdk/*'],
  'clock.ts': ['core', 'node:timers/promises'],
  'ca-file.ts': ['node:crypto', 'node:fs'],
  'fleet-file.ts': ['core', 'ca-file.ts', 'yaml', 'node:fs', 'node:path'],
  'schemas.ts': ['core', 'providers', 'zod'],
};

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly what: string;
}

const files = globSync('lib/**/*.ts').map((file) => file.replaceAll('\\', '/'));

const imports: readonly Import[] = files.flatMap((file) => {
  const folder = file.split('/')[1] ?? '';
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier = '']) => {
    if (!specifier.startsWith('.')) return { file, folder, what: specifier };
    const [top, second = ''] = join(dirname(file), specifier).split('/');
    return { file, folder, what: top === 'lib' ? second : specifier };
  });
});

const allowed = (what: string, rules: readonly string[]) =>
  rules.some((rule) => rule === what || (rule.endsWith('*') && what.startsWith(rule.slice(0, -1))));

test('there are imports to look at', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.length).toBeGreaterThan(200);
});

test.each(Object.entries(arrows))('lib/%s knows only what it may', (folder, rules) => {
  const wrong = imports.filter((one) => one.folder === folder && !allowed(one.what, rules));
  expect(
    wrong.map(
      ({ file, what }) => `${file} imports ${what}; lib/${folder} may know ${rules.join(', ')}: pass it in through a port`,
    ),
  ).toEqual([]);
});

test('every folder of lib/ has its arrows', () => {
  expect([...new Set(files.map((file) => file.split('/')[1]))].filter((folder) => !arrows[folder ?? ''])).toEqual([]);
});

test('a provider knows no other provider', () => {
  const wrong = imports.filter(({ file, folder }) => folder === 'providers' && !/index\.ts$|common\.ts$/.test(file));
  const others = wrong.filter(({ what, file }) => {
    const text = readFileSync(file, 'utf8');
    // what several providers of one vendor share is in a folder of its own
    const sibling = /\/(huawei|quay)\//.test(file) ? /from '\.\.\/([\w-]+)\.ts'/g : /from '\.\/([\w-]+)\.ts'/g;
    return what === 'providers' && [...text.matchAll(sibling)].some(([, name]) => name !== 'common');
  });
  expect(others.map(({ file }) => file)).toEqual([]);
});

test('no behaviour outside lib/providers and lib/local is switched on a provider’s name', () => {
  const names = globSync('lib/providers/*.ts')
    .map((file) => file.replace(/^.*[/\\]|\.ts$/g, ''))
    .filter((name) => !['index', 'common'].includes(name));
  const outside = files.filter((file) => !/^lib\/(providers|local)\//.test(file));
  const wrong = outside.filter((file) =>
    names.some((name) => new RegExp(`['"\`]${name}['"\`]`).test(readFileSync(file, 'utf8'))),
  );
  expect(names.length).toBeGreaterThanOrEqual(2);
  expect(wrong).toEqual([]);
});

test('nothing that runs in a Lambda knows the CDK', () => {
  const functions = globSync('functions/*.ts').filter((file) => /cdk/.test(readFileSync(file, 'utf8')));
  expect(functions).toEqual([]);
  expect(imports.filter(({ folder, what }) => folder !== 'cdk' && /^(cdk|aws-cdk-lib|constructs)/.test(what))).toEqual([]);
});

test('SDK clients are made in functions/ and bin/ only', () => {
  const made = files.filter((file) => /new (?:SecretsManager|EventBridge|SQS)Client\(/.test(readFileSync(file, 'utf8')));
  expect(made).toEqual([]);
});

test('secrets are unwrapped in few places', () => {
  const places = files.filter((file) => readFileSync(file, 'utf8').includes('.reveal()')).sort();
  const expected =
    /^lib\/(aws\/secret-store|core\/ledger\/value|core\/reconcile\/admins|providers\/[\w/-]+|registry\/(door|token))\.ts$/;
  expect(places.filter((file) => !expected.test(file))).toEqual([]);
});
