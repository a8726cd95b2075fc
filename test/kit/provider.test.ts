import { build } from 'esbuild';
import { expect, test } from 'vitest';

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
