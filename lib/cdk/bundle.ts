import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Esbuild from 'esbuild';

/** The root of this package, which has functions/: sources in a clone, bundles when published. */
const root = join(import.meta.dirname, '../..');

/** How each function is bundled; the list of deployed packages is built with the same options. */
export const bundling: Esbuild.BuildOptions = {
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
};

/** Leaves out undici's second, experimental parser: 166 KB that are never used. */
const smaller = { esbuildDetection: '1' };

/** Leaves out the code for simulated vendors: see functions/shared/endpoints.ts. */
const deployed = { 'process.env.REKEY_BUNDLE': '"deployed"' };

/** Files of code, by the functions whose handlers they export. */
export const bundles = {
  sweep: ['sweep'],
  request: ['request'],
  // the same engine is in both: one file is uploaded and published once
  worker: ['reconcile', 'native-rotation'],
} as const;

type Name = keyof typeof bundles;

/** The files of one function, by name. Its handler is `index.handler`. */
export type Files = ReadonlyMap<string, string>;

const built = new Map<string, string>();

/**
 * The code of a function. The published package contains it; in a clone, esbuild builds it from the
 * source, once per process.
 *
 * @param name file in functions/, without its extension
 * @param simulated keeps the code for simulated vendors: for tests, never for a deployment
 */
export function functionFiles(name: string, simulated = false): Files {
  const bundle = (Object.keys(bundles) as Name[]).find((one) =>
    (bundles[one] as readonly string[]).includes(name),
  );
  if (!bundle) throw new Error(`there is no function ${name}`);
  const key = `${bundle} ${simulated}`;
  const code = built.get(key) ?? ((!simulated && ready(bundle)) || build(bundle, simulated));
  built.set(key, code);
  return new Map([
    ['index.mjs', `export { ${handlerOf(name)} as handler } from './${bundle}.mjs';\n`],
    [`${bundle}.mjs`, code],
  ]);
}

/** A function's name as one of JavaScript. */
const handlerOf = (name: string): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The output of `npm run build`, next to the compiled constructs. */
function ready(bundle: Name): string | undefined {
  const file = join(root, 'functions', `${bundle}.mjs`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * Bundles the functions of one bundle with esbuild, and returns the text of the ES module, which
 * exports each handler by its name in camel case. Throws esbuild's error if the source does not
 * compile. `simulated` as for `functionFiles`.
 */
export function build(bundle: Name, simulated = false): string {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  const { outputFiles } = buildSync({
    ...bundling,
    define: { ...smaller, ...(!simulated && deployed) },
    stdin: { contents: entry(bundle), resolveDir: join(root, 'functions'), sourcefile: bundle },
    absWorkingDir: root,
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
}

const entry = (bundle: Name): string =>
  bundles[bundle]
    .map((name) => `export { handler as ${handlerOf(name)} } from './${name}.ts';`)
    .join('\n');
