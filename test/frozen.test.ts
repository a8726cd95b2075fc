import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseFleet } from '../lib/core/fleet/index.ts';
import { formatLabel, successor } from '../lib/core/ids/label.ts';
import { formatValue } from '../lib/core/ledger/value.ts';
import { Secret } from '../lib/core/secret.ts';
import { providers } from '../lib/providers/index.ts';

/*
 * Promises of docs/upgrading.md that belong to no folder. A new line in a file of names is fine:
 * `npx vitest run test/frozen.test.ts -u` adds it, and a review sees if a line is lost.
 */
const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: object;
  readonly bin: object;
};

test('the modules and commands of the package are frozen', async () => {
  const names = [
    ...Object.keys(exports).map((path) => `import ${path.replace('.', 'cdk-rekey')}`),
    ...Object.keys(bin).map((name) => `command ${name}`),
  ];
  await expect(`${names.sort().join('\n')}\n`).toMatchFileSnapshot('fixtures/names/package.txt');
});

/*
 * A fleet file of each release, with every setting, and what it meant. NEVER CHANGE OR DELETE THESE
 * FILES: such fleets are deployed. A later release may read more from them, and nothing else.
 */
describe('a fleet file of an earlier release', () => {
  const files = globSync('test/fixtures/fleet/*.yaml');

  test.each(files.map((file) => basename(file, '.yaml')))(
    'a fleet file of release %s is valid and has the same meaning',
    (release) => {
      const text = readFileSync(`test/fixtures/fleet/${release}.yaml`, 'utf8');
      const meaning = JSON.parse(readFileSync(`test/fixtures/fleet/${release}.json`, 'utf8'));
      const { fleet, issues } = parseFleet(parse(text), providers);
      expect(issues).toEqual([]);
      // without what JSON leaves out
      expect(JSON.parse(JSON.stringify(fleet))).toMatchObject(meaning);
    },
  );
});

// a later release finds what an earlier one issued only if both derive the same names
test('the label of a credential and the id of a next version are frozen', () => {
  const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:rekey/acme/app-AbCdEf';
  const version = '0a1b2c3d-4e5f-5061-8273-8495a6b7c8d9';
  expect(formatLabel('acme', arn, version)).toBe(
    'rekey-acme-79bb3a73c1d8-0a1b2c3d4e5f506182738495a6b7c8d9',
  );
  expect(successor(arn, version, 0)).toBe('af422644-e10b-5a66-901e-2460e216376a');
});

describe('the value of a secret', () => {
  const login = { username: 'user', password: new Secret('made-up'), registry: 'cr.example.com' };
  const fieldsOf = (value: Secret) => Object.keys(JSON.parse(value.reveal()) as object);

  test('the fields of a secret are frozen', () => {
    expect(fieldsOf(formatValue(login, 'fields'))).toEqual(
      expect.arrayContaining(['username', 'password', 'registry', 'auth', 'dockerconfigjson']),
    );
    expect(fieldsOf(formatValue(login, 'dockerconfigjson'))).toEqual(['auths']);
    const bearer = { ...login, bearer: { repository: 'acme/app' } };
    expect(fieldsOf(formatValue(bearer, 'fields'))).toEqual(
      expect.arrayContaining(['token', 'registry', 'repository', 'username', 'authorization']),
    );
  });
});
