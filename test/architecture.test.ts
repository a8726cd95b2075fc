import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Modules that every room of the core may use. */
const words = [
  'errors',
  'secret',
  'time',
  'json',
  'login',
  'ports',
  'provider',
  'printable',
  'deadline',
].map((name) => `core/${name}.ts`);

/** Modules that each deciding or acting room of the core may use, from the bottom up. */
const ids = [...words, 'core/ids'];
const events = [...ids, 'core/events'];
const ledger = [...ids, 'core/ledger'];
const fleet = [...ledger, 'core/fleet'];
const decide = [...fleet, 'core/decide'];
const reconcile = [...decide, 'core/events', 'core/reconcile'];
const jobs = [...reconcile, 'core/jobs'];

/**
 * The imports that each room may have besides its own files: rooms, single files, and packages. A
 * file belongs to the longest name here that matches it, so a room of the core, or a file with
 * rights of its own, has a separate line.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [...words, 'core/events', 'zod', 'node:util'],
  'core/ids': [...words, 'node:crypto'],
  'core/events': [...ids, 'zod'],
  'core/ledger': [...ids, 'zod', 'node:crypto'],
  'core/fleet': [...ledger, 'zod', 'croner', 'node:crypto', 'node:net'],
  'core/decide': [...fleet, 'node:crypto'],
  'core/reconcile': [...decide, ...events, 'zod', 'node:crypto'],
  'core/jobs': reconcile,
  'core/sweep': [...jobs, 'node:crypto'],
  http: ['core', 'undici', 'zod', 'node:*'],
  registry: ['core', 'http', 'zod', 'node:*'],
  providers: ['core', 'http', 'zod', 'node:crypto'],
  aws: ['core', '@aws-sdk/*', 'node:*'],
  wiring: ['core', 'http', 'registry', 'providers', 'aws', '@aws-sdk/*', 'zod', 'node:*'],
  'wiring/fleet-file.ts': ['core', 'wiring/fleet.ts', 'yaml', 'node:fs', 'node:path'],
  'wiring/fleet.ts': ['core', 'wiring/ca-file.ts', 'node:path'],
  'wiring/ca-file.ts': ['node:crypto', 'node:fs'],
  cli: ['core', 'commander'],
  // the entry and the connection of the CLI; its other files get their dependencies
  'cli/main.ts': [
    'core',
    'cli',
    'aws',
    'sandbox/demo/run.ts',
    'wiring/fleet-file.ts',
    'wiring/installed.ts',
    'wiring/load-providers.ts',
    'wiring/schemas.ts',
    'wiring/version.ts',
    'node:*',
  ],
  // writes a fleet file from the providers' schemas
  'cli/init': [
    'core',
    'cli/context.ts',
    'providers',
    'wiring/installed.ts',
    'wiring/shell.ts',
    'wiring/version.ts',
    '@clack/prompts',
    'commander',
    'yaml',
    'zod',
    'node:fs',
    'node:path',
  ],
  'cli/connect.ts': ['core', 'cli', 'aws', 'wiring', '@aws-sdk/*', 'node:path'],
  cdk: [
    'core',
    '../schema/fleet.ts',
    'wiring/fleet.ts',
    'wiring/fleet-file.ts',
    'wiring/load-providers.ts',
    'wiring/version.ts',
    'aws-cdk-lib',
    'aws-cdk-lib/*',
    'constructs',
    'yaml',
    // only where rekey runs from its sources
    'esbuild',
    'node:*',
  ],
  sandbox: [
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
  scaffold: ['node:*'],
  // what a provider outside this repository is written with; it is deployed with that provider
  'kit/provider.ts': ['core', 'http/answer.ts', 'providers/client', 'zod'],
  // what such a provider is tested with: never deployed
  'kit/testing': ['core', 'http', 'registry', 'sandbox', 'vitest', 'node:crypto', 'node:util'],
  packaging: ['cdk/bundling.ts', 'esbuild', 'json-schema-to-typescript', 'node:*'],
  // the demonstration wires everything together
  'sandbox/demo/run.ts': [
    'core',
    'sandbox',
    'aws',
    'providers',
    'wiring',
    '@aws-sdk/*',
    'node:path',
    'node:timers/promises',
  ],
};

interface Import {
  /** Relative to lib/, like all paths here. */
  readonly file: string;
  readonly room: string;
  /** A file in lib/, or a package. */
  readonly what: string;
}

const text = (file: string): string => readFileSync(`lib/${file}`, 'utf8');

const files = globSync('**/*.ts', { cwd: 'lib' }).map((file) => file.replaceAll('\\', '/'));

const within = (what: string, rule: string): boolean =>
  what === rule ||
  what.startsWith(`${rule}/`) ||
  (rule.endsWith('*') && what.startsWith(rule.slice(0, -1)));

const roomOf = (file: string): string =>
  Object.keys(arrows)
    .filter((room) => within(file, room))
    .sort((a, b) => b.length - a.length)[0] ?? '';

const imports: readonly Import[] = files.flatMap((file) =>
  [...text(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier = '']) => ({
    file,
    room: roomOf(file),
    what: specifier.startsWith('.')
      ? join(dirname(file), specifier).replaceAll('\\', '/')
      : specifier,
  })),
);

/** The circles through these nodes; each node is reported once. */
function circles(nodes: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    const start = path.indexOf(node);
    if (start >= 0) found.push([...path.slice(start), node].join(' → '));
    if (start >= 0 || done.has(node)) return;
    for (const next of nodes.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of nodes.keys()) visit(node, []);
  return found;
}

/** Which node imports which; `nodeOf` maps a file to its node. */
function graph(nodeOf: (file: string) => string): ReadonlyMap<string, ReadonlySet<string>> {
  const nodes = new Map<string, Set<string>>();
  for (const { file, what } of imports) {
    const [from, to] = [nodeOf(file), nodeOf(what)];
    if (!files.includes(what) || from === to) continue;
    nodes.set(from, (nodes.get(from) ?? new Set()).add(to));
  }
  return nodes;
}

test('the architecture test finds imports', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.length).toBeGreaterThan(200);
});

describe('who may import whom', () => {
  test.each(Object.entries(arrows))('lib/%s imports only what it may', (room, rules) => {
    const mayKnow = (what: string) =>
      roomOf(what) === room || rules.some((rule) => within(what, rule));
    const wrong = imports.filter((one) => one.room === room && !mayKnow(one.what));
    expect(
      wrong.map(
        ({ file, what }) =>
          `lib/${file} imports ${what}; lib/${room} may import ${rules.join(', ')}. ` +
          'Pass it in through a port of lib/core/ports.ts, or move the shared part to a room ' +
          'that both may import. Add it to `arrows` only if the layout is to change.',
      ),
    ).toEqual([]);
  });

  test('every folder of lib/ and every room of the core has its rules', () => {
    const homeless = files.filter(
      (file) => roomOf(file) === '' || (roomOf(file) === 'core' && dirname(file) !== 'core'),
    );
    expect(
      homeless.map(
        (file) => `lib/${file} is in no room: add its folder to \`arrows\`, with its imports`,
      ),
    ).toEqual([]);
  });

  test('lib/core has no loose files but the listed ones', () => {
    const loose = files.filter(
      (file) => dirname(file) === '.' || (dirname(file) === 'core' && !words.includes(file)),
    );
    expect(
      loose.map(
        (file) => `lib/${file} is in no room: move it into the room it belongs to, or lib/wiring`,
      ),
    ).toEqual([]);
  });

  test('no file imports itself through others, not even for a type', () => {
    expect(
      circles(graph((file) => file)).map(
        (circle) => `${circle}: move the shared part to a file below both, as ledger/version.ts`,
      ),
    ).toEqual([]);
  });

  test('no room imports itself through others', () => {
    // the core's base modules are not a room: each is its own node
    const room = (file: string) =>
      words.includes(file) ? file : (file.match(/^core\/[^/]+|^[^/]+/)?.[0] ?? file);
    expect(
      circles(graph(room)).map(
        (circle) => `${circle}: move the shared part to the lower one, or pass it as an argument`,
      ),
    ).toEqual([]);
  });
});

test('a provider imports no other provider', () => {
  // several providers of one vendor share a folder
  const provider = (file: string): string | undefined =>
    file.match(/^providers\/([\w-]+)\.ts$/)?.[1];
  const wrong = imports.filter(
    ({ file, what }) =>
      within(file, 'providers') && basename(file) !== 'index.ts' && provider(what) !== undefined,
  );
  expect(
    wrong.map(
      ({ file, what }) =>
        `lib/${file} imports ${what}: move the shared part to the vendor's folder, or to client`,
    ),
  ).toEqual([]);
});

test('only lib/providers and lib/sandbox depend on a provider’s name', () => {
  const names = files
    .filter((file) => dirname(file) === 'providers')
    .map((file) => basename(file, '.ts'))
    .filter((name) => name !== 'index');
  const outside = files.filter((file) => !/^(providers|sandbox)\//.test(file));
  const wrong = outside.filter((file) =>
    names.some((name) => new RegExp(`['"\`]${name}['"\`]`).test(text(file))),
  );
  expect(names.length).toBeGreaterThanOrEqual(2);
  expect(
    wrong.map(
      (file) => `lib/${file} names a provider: derive the difference from its capabilities`,
    ),
  ).toEqual([]);
});

test('no code that runs in a Lambda imports the CDK', () => {
  const functions = globSync('functions/**/*.ts').filter((file) =>
    /cdk/.test(readFileSync(file, 'utf8')),
  );
  expect(functions).toEqual([]);
  expect(
    imports.filter(
      ({ room, what }) =>
        !['cdk', 'packaging'].includes(room) && /^(cdk|aws-cdk-lib|constructs)(\/|$)/.test(what),
    ),
  ).toEqual([]);
});

test('a Lambda imports no other Lambda', () => {
  const above = (file: string) =>
    file.includes('shared') ? /from '\.\.\/[\w-]+\.ts'/ : /from '\.\/[\w-]+\.ts'/;
  const wrong = globSync('functions/**/*.ts').filter((file) =>
    above(file).test(readFileSync(file, 'utf8')),
  );
  expect(
    wrong.map((file) => `${file} imports a function: move the shared part to functions/shared`),
  ).toEqual([]);
});

test('an entry point in bin/ is short', () => {
  const long = globSync('bin/*.ts').filter(
    (file) => readFileSync(file, 'utf8').split('\n').length > 30,
  );
  expect(
    long.map((file) => `${file} is longer than 30 lines: move the work into lib, and call it`),
  ).toEqual([]);
});

test('SDK clients are created in functions/, the CLI and the demonstration only', () => {
  const roots = ['cli/connect.ts', 'sandbox/demo/run.ts'];
  const made = files.filter(
    (file) =>
      !roots.includes(file) && /new (?:SecretsManager|EventBridge|SQS)Client\(/.test(text(file)),
  );
  expect(made.map((file) => `lib/${file} creates a client: take it as an argument`)).toEqual([]);
});

test('secrets are revealed in few files', () => {
  const places = files.filter((file) => text(file).includes('.reveal()')).sort();
  const expected = [
    /^aws\/secret-store\.ts$/,
    /^kit\/testing\/issuing\.ts$/,
    /^core\/(login|ledger\/value|reconcile\/admins)\.ts$/,
    /^providers\/[\w/-]+\.ts$/,
    /^registry\/(door|token)\.ts$/,
  ];
  expect(
    places
      .filter((file) => !expected.some((place) => place.test(file)))
      .map((file) => `lib/${file} reveals a secret: pass it on as a Secret`),
  ).toEqual([]);
});
