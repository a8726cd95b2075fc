import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** The packages that an import of this file loads. */
async function packages(entry: string, external: string[] = []): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    external,
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

test('cdk-rekey/provider/testing loads no package but those of the kit', async () => {
  const loaded = await packages('lib/kit/testing/index.ts', ['vitest']);
  expect(loaded).toEqual(expect.arrayContaining(['zod', 'hono', '@hono/node-server', 'undici']));
  expect(
    loaded.filter((name) => /^(@aws-sdk|@smithy|aws-cdk|constructs|fauxqs)/.test(name)),
  ).toEqual([]);
});
