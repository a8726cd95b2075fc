import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundling, esbuild } from './bundling.ts';
import { ownFiles } from './own-code.ts';

/** The root of this package, which has functions/: sources in a clone, bundles when published. */
const root = join(import.meta.dirname, '../..');

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

/** The differences between deployments. */
export interface FileOptions {
  /** Keeps the code for simulated vendors: for tests, never for a deployment. @default false */
  readonly simulated?: boolean;
  /** The file of a user's own providers, which only a worker gets. @default none */
  readonly providers?: string | undefined;
}

const built = new Map<string, string>();

/**
 * The code of a function. The published package contains it; in a clone, esbuild builds it from the
 * source, once per process.
 *
 * @param name file in functions/, without its extension
 */
export function functionFiles(
  name: string,
  { simulated = false, providers }: FileOptions = {},
): Files {
  const bundle = (Object.keys(bundles) as Name[]).find((one) =>
    (bundles[one] as readonly string[]).includes(name),
  );
  if (!bundle) throw new Error(`there is no function ${name}`);
  const key = `${bundle} ${simulated}`;
  const code = built.get(key) ?? ((!simulated && ready(bundle)) || build(bundle, simulated));
  built.set(key, code);
  const handler = `export { ${handlerOf(name)} as handler } from './${bundle}.mjs';\n`;
  const own = bundle === 'worker' && providers !== undefined ? ownFiles(providers) : undefined;
  return new Map([
    ['index.mjs', own ? `${adding}${handler}` : handler],
    [`${bundle}.mjs`, code],
    ...(own ?? []),
  ]);
}

/** Adds a user's own providers, before the first event. */
const adding = `import { addProviders } from './worker.mjs';
import providers from './providers.mjs';
addProviders(providers);
`;

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
 * compile. `simulated` as in `FileOptions`.
 */
export function build(bundle: Name, simulated = false): string {
  const { buildSync } = esbuild('rekey runs from its sources, which needs esbuild: npm install');
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
  [
    ...bundles[bundle].map(
      (name) => `export { handler as ${handlerOf(name)} } from './${name}.ts';`,
    ),
    // what a user's providers, and the handler next to them, import from the worker
    ...(bundle === 'worker' ? ["export * from './shared/own-providers.ts';"] : []),
  ].join('\n');
