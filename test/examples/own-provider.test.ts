import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseFleet } from '../../lib/core/fleet/index.ts';
import { providers } from '../../lib/providers/index.ts';
import { loadProviders } from '../../lib/wiring/load-providers.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const manifest = (path: string) =>
  JSON.parse(read(path)) as Readonly<Record<string, Readonly<Record<string, string>>>> & {
    readonly version: string;
  };

test('the fleet file of the example is valid with its own provider, and not without', () => {
  const file = parse(read('examples/own-provider/rekey.yaml')) as unknown;
  const all = loadProviders('examples/own-provider/providers.ts');
  expect(Object.keys(all)).toHaveLength(Object.keys(providers).length + 1);
  expect(parseFleet(file, all)).toMatchObject({ issues: [] });
  expect(parseFleet(file, providers).issues).not.toEqual([]);
});

test('the example asks for the versions that the package asks for', () => {
  const { version, peerDependencies = {} } = manifest('package.json');
  const example = manifest('examples/own-provider/package.json');
  const asked = { ...example.devDependencies, ...example.dependencies };
  expect(asked).toMatchObject({ ...peerDependencies, 'cdk-rekey': `^${version}` });
});
