import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundledPackages, packagesInFunctions } from '../../../lib/packaging/bundled.ts';
import { billOfMaterials } from './bom.ts';
import { lockfile } from './lockfile.ts';

const lock = lockfile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
const project = { name: 'rekey', version: '0.1.0', license: 'Apache-2.0' };
const deployed = await packagesInFunctions();
const bundled = await bundledPackages();
const bom = billOfMaterials(lock, project, deployed, bundled);

test('the list has each package that deployed code needs once, and no build tool', () => {
  const refs = bom.components.map((component) => component['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  expect(refs).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^pkg:npm\/zod@/),
      expect.stringMatching(/^pkg:npm\/%40smithy\/core@/),
    ]),
  );
  expect(refs.join()).not.toMatch(/vitest|typescript|aws-cdk/);
  const reached = new Set<string>();
  const walk = (ref: string) => {
    if (reached.has(ref)) return;
    reached.add(ref);
    for (const next of bom.dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) walk(next);
  };
  walk(bom.metadata.component['bom-ref']);
  expect([...reached].sort(), 'every package is reachable from the project, and no other').toEqual(
    [bom.metadata.component['bom-ref'], ...refs].sort(),
  );
});

test('a package is required if its code is in a function, and excluded otherwise', () => {
  const scopes = new Map(
    bom.components.map(({ group, name, scope }) => [
      [group, name].filter(Boolean).join('/'),
      scope,
    ]),
  );
  for (const name of [
    'zod',
    '@aws-sdk/client-secrets-manager',
    '@smithy/core',
    '@aws-lambda-powertools/logger',
  ]) {
    expect(scopes.get(name), name).toBe('required');
  }
  // only the demonstration uses it, whose file contains it
  expect(scopes.get('fauxqs')).toBe('excluded');
  // commands and other sources of credentials are not deployed, and types are not code
  for (const name of ['commander', 'yaml', '@aws-sdk/credential-provider-sso', '@types/node']) {
    expect([undefined, 'excluded'], name).toContain(scopes.get(name));
  }
  const required = bom.components
    .filter(({ scope }) => scope === 'required')
    .map((component) => component['bom-ref']);
  expect(required.length).toBe(
    new Set(
      [...deployed].map((path) =>
        `${path}@${lock.packages[path]?.version}`.replace(/^.*node_modules\//, ''),
      ),
    ).size,
  );
});

test('each package has a checksum and a license, and no address of a registry', () => {
  for (const { hashes, licenses } of bom.components) {
    expect(hashes[0]?.content).toMatch(/^[0-9a-f]{128}$/);
    expect(licenses).toHaveLength(1);
  }
  expect(JSON.stringify(bom).match(/https?:\/\/[^"]*/g)).toEqual([
    'http://cyclonedx.org/schema/bom-1.6.schema.json',
  ]);
});

test('the same lockfile gives the same list', () => {
  const again = billOfMaterials(lock, project, deployed, bundled);
  expect(again).toEqual(bom);
  expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5/);
});
