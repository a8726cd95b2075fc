import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Esbuild from 'esbuild';

/** The root of this package, which has functions/: sources in a clone, bundles when published. */
const root = join(import.meta.dirname, '../..');

/** How each function is bundled; the list of deployed packages is built with the same options. */
export const bundling = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  logLevel: 'warning',
  // the bundle has the tested version of the SDK, except for these sources of credentials: Lambda
  // provides credentials in the environment, so they are never loaded
  external: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-login',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
  mainFields: ['module', 'main'],
  // some packages still call require; the name is one that no minifier generates
  banner: {
    js:
      "import { createRequire as rekeyCreateRequire } from 'node:module'; " +
      'const require = rekeyCreateRequire(import.meta.url);',
  },
} as const satisfies Esbuild.BuildOptions;

/** Leaves out undici's second, experimental parser: 166 KB that are never used. */
const smaller = { esbuildDetection: '1' };

/** Leaves out the code for simulated vendors: see functions/shared/endpoints.ts. */
const deployed = { 'process.env.REKEY_BUNDLE': '"deployed"' };

const built = new Map<string, Uint8Array>();

/**
 * The code of a function as one ES module. The published package contains it; in a clone, esbuild
 * builds it from the source, once per process.
 *
 * @param name file in functions/, without its extension
 * @param simulated keeps the code for simulated vendors: for tests, never for a deployment
 */
export function bundleOf(name: string, simulated = false): Uint8Array {
  const ready = join(root, 'functions', name, 'index.mjs');
  if (!simulated && existsSync(ready)) return readFileSync(ready);
  const key = `${name} ${simulated}`;
  const code = built.get(key) ?? build(join(root, 'functions', `${name}.ts`), simulated);
  built.set(key, code);
  return code;
}

function build(entry: string, simulated: boolean): Uint8Array {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  const { outputFiles } = buildSync({
    ...bundling,
    external: [...bundling.external],
    mainFields: [...bundling.mainFields],
    define: { ...smaller, ...(!simulated && deployed) },
    entryPoints: [entry],
    absWorkingDir: root,
    write: false,
  });
  const [output] = outputFiles;
  if (!output) throw new Error(`esbuild returned no output for ${entry}`);
  return output.contents;
}
