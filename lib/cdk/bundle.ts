import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Esbuild from 'esbuild';

/** Three folders up from here in a clone, where the functions are sources. */
const root = join(import.meta.dirname, '../..');

/** How each function is bundled; the list of what is deployed is made the same way. */
export const bundling = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  logLevel: 'warning',
  // the SDK that was tested, not the one that Lambda has that day: only other ways to credentials
  // than the environment, where Lambda puts them, stay out. They are never reached, and are loaded
  // only when they are
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
  // some packages still call require; a name that no minifier gives
  banner: {
    js: "import { createRequire as rekeyCreateRequire } from 'node:module'; const require = rekeyCreateRequire(import.meta.url);",
  },
} as const satisfies Esbuild.BuildOptions;

/** Leaves undici's second, experimental parser out: 166 KB that are never used. */
const smaller = { esbuildDetection: '1' };

/** Leaves out what only simulations need: see functions/shared/endpoints.ts. */
const deployed = { 'process.env.REKEY_BUNDLE': '"deployed"' };

const built = new Map<string, Uint8Array>();

/**
 * The code of a function as one ES module. The published package has it ready; in a clone esbuild
 * makes it from the source, once in a process.
 *
 * @param name file below functions/, without its ending
 * @param simulated keeps what speaks to simulated vendors: for tests, never for a deployment
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
  if (!output) throw new Error(`esbuild made nothing of ${entry}`);
  return output.contents;
}
