import { resolve } from 'node:path';
import type { BuildFailure } from 'esbuild';
import { KIT } from '../wiring/load-providers.ts';
import { bundling, esbuild } from './bundling.ts';

/** The file next to the worker's code from which own providers import rekey. */
const kit = 'cdk-rekey.provider.mjs';

/**
 * The providers of a user as files next to the worker's code: bundled with their packages, and
 * rekey itself is the worker's, so that its classes exist once. Throws one sentence if esbuild is
 * not installed or cannot bundle the file.
 *
 * @param file relative to the working directory
 */
export function ownFiles(file: string): ReadonlyMap<string, string> {
  const { buildSync } = esbuild(
    `the property providers needs esbuild to bundle ${file}: npm install --save-dev esbuild`,
  );
  try {
    const { outputFiles } = buildSync({
      ...bundling,
      entryPoints: [resolve(file)],
      alias: { [KIT]: `./${kit}` },
      external: [...(bundling.external ?? []), `./${kit}`],
      write: false,
      logLevel: 'silent',
    });
    return new Map([
      ['providers.mjs', outputFiles.map(({ text }) => text).join('')],
      [kit, "export * from './worker.mjs';\n"],
    ]);
  } catch (error) {
    const { errors = [] } = error as Partial<BuildFailure>;
    if (errors.length === 0) throw error;
    const problems = errors.map(({ text, location }) => {
      const at = location ? `${location.file}:${location.line}:${location.column + 1}` : file;
      return `${at} ${text}`;
    });
    throw new Error(`the providers of ${file} cannot be bundled:\n${problems.join('\n')}`);
  }
}
