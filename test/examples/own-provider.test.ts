import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import own from '../../examples/own-provider/providers.ts';
import { parseFleet } from '../../lib/core/fleet/index.ts';
import { providers } from '../../lib/providers/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const manifest = (path: string) =>
  JSON.parse(read(path)) as Readonly<Record<string, Readonly<Record<string, string>>>> & {
    readonly version: string;
  };

test('the fleet file of the example is valid with its own provider, and not without', () => {
  const file = parse(read('examples/own-provider/rekey.yaml')) as unknown;
  expect(parseFleet(file, { ...providers, ...own })).toMatchObject({ issues: [] });
  expect(parseFleet(file, providers).issues).not.toEqual([]);
});

test('the names of the example’s providers are those in its list', () => {
  for (const [name, provider] of Object.entries(own)) expect(provider.name).toBe(name);
});

test('the example asks for the versions that the package asks for', () => {
  const { version, peerDependencies = {} } = manifest('package.json');
  const example = manifest('examples/own-provider/package.json');
  const asked = { ...example.devDependencies, ...example.dependencies };
  expect(asked).toMatchObject({ ...peerDependencies, 'cdk-rekey': `^${version}` });
});
