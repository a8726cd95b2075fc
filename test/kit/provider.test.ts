import { build } from 'esbuild';
import { expect, test } from 'vitest';
import * as kit from '../../lib/kit/provider.ts';

/** The packages that an import of this file loads. */
async function packages(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
    outdir: 'nowhere',
  });
  const names = Object.keys(metafile.inputs).flatMap(
    (file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return [...new Set(names)];
}

test('cdk-rekey/provider loads zod, and no other package', async () => {
  expect(await packages('lib/kit/provider.ts')).toEqual(['zod']);
});

test('cdk-rekey/provider has the schema library of a provider’s parameters', () => {
  const provider = kit.defineProvider({
    name: 'acme',
    params: kit.z.strictObject({ projectId: kit.z.string() }),
    admin: kit.tokenAdmin,
    endpoint: 'https://api.acme.example',
    check: async () => {},
    issue: () => Promise.reject(new kit.RekeyError('quota', 'acme: create the token: too many')),
  });
  expect(provider.params.safeParse({ projectId: 'shop' }).success).toBe(true);
  expect(provider.params.safeParse({ project: 'shop' }).success).toBe(false);
});
