import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contentChecks } from './content.ts';
import type { Bom, Facts, Manifest } from './facts.ts';
import { projectChecks } from './project.ts';

const checks = [...projectChecks, ...contentChecks];
const problemsOf = (facts: Facts) =>
  checks.flatMap(({ problem }) => {
    const found = problem(facts);
    return found ? [found] : [];
  });

const manifest: Manifest = {
  name: 'box',
  version: '1.2.0',
  license: 'Apache-2.0',
  engines: { node: '>=22.19.0' },
  repository: { type: 'git', url: 'git+https://github.com/owner/box.git' },
  publishConfig: { access: 'public', provenance: true },
  exports: {
    '.': { 'rekey-source': './lib/cdk/index.ts', default: './dist/lib/cdk/index.js' },
    './schema/*': './schema/*',
  },
  bin: { rekey: 'bin/rekey.js' },
};
const bom: Bom = {
  metadata: { component: { name: 'box', version: '1.2.0' } },
  components: [
    { group: '@smithy', name: 'core', version: '3.0.0', scope: 'required' },
    { name: 'commander', version: '14.0.0', scope: 'excluded' },
  ],
};
const files = {
  'package.json': '{}',
  LICENSE: 'Apache License',
  'README.md': '# box',
  'bin/rekey.js': readFileSync('bin/rekey.js', 'utf8'),
  'dist/THIRD-PARTY-NOTICES': '@smithy/core 3.0.0 (Apache-2.0)',
  'dist/lib/cdk/index.js': 'export const key = "AKIAIOSFODNN7EXAMPLE";\n',
  'schema/index.json': '{}',
};
const packedWith = (more: Readonly<Record<string, string>>, leftOut = '') => ({
  bytes: 1_300_000,
  sandboxBytes: 140_000,
  files: new Map(Object.entries({ ...files, ...more }).filter(([path]) => path !== leftOut)),
});
const ready: Facts = {
  manifest,
  lockedVersion: '1.2.0',
  changelog:
    '# Changelog\n\n## Unreleased\n\n## 1.2.0 (2026-11-22)\n\n* New.\n\n## 1.1.0 (2026-10-01)\n',
  packed: packedWith({}),
  reference: [],
  schemas: [],
  bom,
  changes: [],
  tags: ['v1.1.0'],
};

test('a project that is ready has no problem with its release', () => {
  expect(problemsOf(ready)).toEqual([]);
  expect(new Set(checks.map(({ statement }) => statement)).size).toBe(checks.length);
});

const key = `AKIA${'ABCDEFGH23456789'}`;
const map = (content: object) => JSON.stringify({ sources: ['../../../lib/a.ts'], ...content });

test.each<[string, Partial<Facts>, RegExp]>([
  [
    'a version that the changelog does not have',
    { manifest: { ...manifest, version: '1.1.9' }, lockedVersion: '1.1.9', bom: undefined },
    /^package.json has 1.1.9, CHANGELOG.md 1.2.0; add "## 1.1.9 \(YYYY-MM-DD\)"/,
  ],
  [
    'a changelog without a release',
    { changelog: '# Changelog\n\n## Unreleased\n' },
    /CHANGELOG.md no release/,
  ],
  [
    'entries that are unreleased',
    { changelog: '## Unreleased\n\n* One.\n* Two,\n  long.\n\n## 1.2.0 (2026-11-22)\n' },
    /^2 entries are under "Unreleased"; move them to the section of 1.2.0$/,
  ],
  ['another version in the lockfile', { lockedVersion: '1.1.0' }, /^it has 1.1.0, package.json/],
  [
    'no provenance',
    { manifest: { ...manifest, publishConfig: { access: 'public' } } },
    /^publishConfig of package.json lacks it/,
  ],
  [
    'no repository',
    { manifest: { ...manifest, repository: {} } },
    /^repository.url of package.json is missing/,
  ],
  [
    'a Node release that the command refuses',
    { manifest: { ...manifest, engines: { node: '>=20' } } },
    /^engines.node is >=20, bin\/rekey.js asks for 22.19; expected >=22.19.0$/,
  ],
  ['a page of the reference that differs', { reference: ['a.md differs'] }, /^a.md differs$/],
  ['an outdated schema', { schemas: ['index.json'] }, /^index.json differ .* npm run schemas/],
  ['no bill of materials', { bom: undefined }, /^npm run sbom wrote none/],
  [
    'the bill of materials of another version',
    { bom: { ...bom, metadata: { component: { name: 'box', version: '1.1.0' } } } },
    /^it lists box 1.1.0; expected box 1.2.0$/,
  ],
  ['a change that is not committed', { changes: [' M lib/a.ts'] }, /^commit or remove {2}M lib/],
  ['a folder without git', { changes: undefined }, /^git has no status here/],
  ['a tag that is taken', { tags: ['v1.2.0'] }, /^v1.2.0 is a tag already/],
  [
    'a test in the package',
    { packed: packedWith({ 'test/a.test.ts': '', 'dist/lib/a.test.js': '' }) },
    /^unexpected: test\/a.test.ts, dist\/lib\/a.test.js; correct "files"/,
  ],
  [
    'an environment file in the package',
    { packed: packedWith({ '.env': '', 'docs/.npmrc': '' }) },
    /^unexpected: .env, docs\/.npmrc/,
  ],
  [
    'an export without its file',
    { packed: packedWith({}, 'dist/lib/cdk/index.js') },
    /^missing: dist\/lib\/cdk\/index.js/,
  ],
  [
    'a pattern of exports without a file',
    { packed: packedWith({}, 'schema/index.json') },
    /^missing: schema\/\*/,
  ],
  [
    'a source map that is not packed',
    { packed: packedWith({ 'dist/lib/a.js': 'a();\n//# sourceMappingURL=a.js.map' }) },
    /^dist\/lib\/a.js point to files that are not packed/,
  ],
  [
    'a source map without its source',
    { packed: packedWith({ 'dist/lib/a.js.map': map({}) }) },
    /^dist\/lib\/a.js.map point to files that are not packed/,
  ],
  [
    'a key of AWS',
    { packed: packedWith({ 'docs/a.md': `The key is ${key}.` }) },
    /^docs\/a.md have one; remove it/,
  ],
  [
    'a private key',
    { packed: packedWith({ 'docs/a.md': `-----BEGIN ${'PRIVATE'} KEY-----` }) },
    /^docs\/a.md have one; remove it/,
  ],
  [
    'a package that is too large',
    { packed: { ...packedWith({}), sandboxBytes: 99_999 } },
    /^it has 1200001 bytes, 1300000 with the sandbox/,
  ],
  ['no license', { packed: packedWith({}, 'LICENSE') }, /^LICENSE or the field/],
  [
    'no notices',
    { packed: packedWith({}, 'dist/THIRD-PARTY-NOTICES') },
    /^dist\/THIRD-PARTY-NOTICES is missing/,
  ],
  [
    'notices of another version',
    { packed: packedWith({ 'dist/THIRD-PARTY-NOTICES': '@smithy/core 2.9.0' }) },
    /^the notices lack @smithy\/core 3.0.0$/,
  ],
])('a release is refused for %s', (_what, change, problem) => {
  expect(problemsOf({ ...ready, ...change })).toContainEqual(expect.stringMatching(problem));
});

test('a message about a secret does not contain it', () => {
  const packed = packedWith({ 'docs/a.md': key });
  expect(problemsOf({ ...ready, packed }).join()).not.toContain(key);
});

test('a source map that has its sources in it is fine', () => {
  const packed = packedWith({ 'dist/lib/a.js.map': map({ sourcesContent: ['a();'] }) });
  expect(problemsOf({ ...ready, packed }).join()).not.toContain('point to files');
});
