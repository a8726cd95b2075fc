import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ownFiles } from '../../lib/cdk/own-code.ts';
import { fleetFileOf, synthesised } from './support/synthesis.ts';

mkdirSync('.rekey', { recursive: true });
const folder = mkdtempSync('.rekey/own-providers-');
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, code: string): string {
  const file = join(folder, name);
  writeFileSync(file, code);
  return file;
}

const acme = fileOf(
  'acme.ts',
  `import { defineProvider, RekeyError, tokenAdmin } from 'cdk-rekey/provider';
import * as z from 'zod';
export default defineProvider({
  name: 'acme',
  capabilities: { expiry: true },
  params: z.strictObject({ projectId: z.string() }),
  admin: tokenAdmin,
  endpoint: 'https://api.example.com',
  registry: 'registry.example.com',
  async check() { throw new RekeyError('forbidden', 'acme: list the tokens: not allowed'); },
  async issue() { throw new RekeyError('quota', 'acme: create the token: too many'); },
});
`,
);
const fleet = (params = '{ projectId: shop }') => `
fleet: own
targets:
  - { name: shop-images, provider: acme, admin: rekey/admin/acme, params: ${params} }
`;

describe('a fleet with a user’s own provider', () => {
  test('has its secrets, and the provider’s code next to the worker’s', () => {
    const { rekey, template, app } = synthesised({
      fleetFile: fleetFileOf(fleet()),
      providers: acme,
    });
    expect(rekey.fleet.targets).toMatchObject([
      { provider: 'acme', params: { projectId: 'shop' } },
    ]);
    template.resourceCountIs('AWS::SecretsManager::Secret', 1);
    const { directory } = app.synth();
    const withCode = globSync('asset.*/providers.mjs', { cwd: directory });
    expect(withCode).toHaveLength(1);
    const handler = readFileSync(join(directory, dirname(withCode[0] ?? ''), 'index.mjs'), 'utf8');
    expect(handler).toContain('reconcile as handler');
    const outputs = Object.values(template.findOutputs('*')).map(({ Value }) => String(Value));
    expect(outputs.join('\n')).toMatch(/npx cdk-rekey --providers \S+acme\.ts --fleet \S+ plan/);
  });

  test('is validated with the parameters of its author', () => {
    const fleetFile = fleetFileOf(fleet('{ project: shop }'));
    expect(() => synthesised({ fleetFile, providers: acme })).toThrow(/projectId/);
  });

  test('is refused without the property providers', () => {
    expect(() => synthesised({ fleetFile: fleetFileOf(fleet()) })).toThrow(
      /"acme"; expected a provider/,
    );
  });
});

describe('the bundle of a user’s own provider', () => {
  test('imports rekey from the worker, and contains its other packages', () => {
    const files = ownFiles(acme);
    expect([...files.keys()]).toEqual(['providers.mjs', 'cdk-rekey.provider.mjs']);
    const code = files.get('providers.mjs') ?? '';
    const imports = [...code.matchAll(/from\s*"([^"]+)"/g)].map(([, from]) => from);
    expect(new Set(imports.filter((from) => !from?.startsWith('node:')))).toEqual(
      new Set(['./cdk-rekey.provider.mjs']),
    );
    expect(code).not.toContain(readFileSync('lib/core/errors.ts', 'utf8').slice(0, 40));
  });

  test('that does not compile is refused with the place of each problem', () => {
    const wrong = fileOf('wrong.ts', "import './none.ts';\nexport default 1 +;\n");
    expect(() => ownFiles(wrong)).toThrow(/cannot be bundled:\n\S*wrong\.ts:2:\d+ /);
  });
});
