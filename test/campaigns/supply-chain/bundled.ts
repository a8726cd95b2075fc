import { globSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { bundling } from '../../../lib/cdk/bundling.ts';

/**
 * The packages, by their paths in the lockfile, whose code is in one of the functions. Bundled as a
 * deployment does.
 */
export async function bundledPackages(): Promise<ReadonlySet<string>> {
  const entryPoints = globSync('functions/*.ts').filter((file) =>
    /export const handler\b/.test(readFileSync(file, 'utf8')),
  );
  const { metafile } = await build({
    ...bundling,
    entryPoints,
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  return new Set(
    files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
}
