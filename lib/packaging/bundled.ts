import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { bundling } from '../cdk/bundling.ts';

const root = join(import.meta.dirname, '../..');

/** A bundle, and the packages, by their paths in the lockfile, whose code is in it. */
interface Bundle {
  readonly code: string;
  readonly packages: ReadonlySet<string>;
}

/**
 * The sandbox with the packages that only it needs as one file, to be dist/lib/sandbox/demo/run.js.
 * It imports what it shares with the command.
 */
export async function bundleDemo(): Promise<Bundle> {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const { outputFiles, metafile } = await build({
    ...bundling,
    target: 'node22',
    plugins: [sharedModules],
    external: Object.keys(dependencies),
    absWorkingDir: root,
    entryPoints: ['lib/sandbox/demo/run.ts'],
    write: false,
    metafile: true,
  });
  return { code: outputFiles.map(({ text }) => text).join(''), packages: packagesIn(metafile) };
}

/** Leaves the modules of other rooms out: dist/lib has them, compiled. */
const sharedModules: Plugin = {
  name: 'shared-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir }) => {
      const file = relative(join(root, 'lib'), resolve(resolveDir, path));
      if (file.startsWith('sandbox')) return undefined;
      return { path: `../../${file.replace(/\.ts$/, '.js')}`, external: true };
    });
  },
};

/** The packages whose code is in one of the functions. Bundled as a deployment does. */
export async function packagesInFunctions(): Promise<ReadonlySet<string>> {
  const entryPoints = globSync('functions/*.ts', { cwd: root }).filter((file) =>
    /export const handler\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  const { metafile } = await build({
    ...bundling,
    absWorkingDir: root,
    entryPoints,
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  return packagesIn(metafile);
}

/** The packages whose code the published files contain. */
export async function bundledPackages(): Promise<ReadonlySet<string>> {
  return (await packagesInFunctions()).union((await bundleDemo()).packages);
}

function packagesIn({ outputs }: Metafile): ReadonlySet<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  return new Set(
    files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
}
