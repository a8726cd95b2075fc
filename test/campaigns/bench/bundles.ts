import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** Bytes of code in a bundle: what is loaded, or may be, at a cold start. */
export const sizeOf = (folder: string): number =>
  globSync('*.{mjs,cjs}', { cwd: folder }).reduce(
    (sum, file) => sum + statSync(join(folder, file)).size,
    0,
  );

// made at once; our functions make theirs at their first event
const clients = `
  import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
  import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
  export const made = [new SecretsManagerClient({}), new EventBridgeClient({})];
  export const handler = async () => {};
`;

/** A handler and nothing else: the price of a process. */
export function emptyBundle(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => {};\n');
  return folder;
}

/**
 * The two SDK clients alone, built as CDK's NodejsFunction does by default: bundled for Node as
 * CommonJS, not minified.
 */
export async function clientsBundle(
  folder: string,
  external: readonly string[] = [],
): Promise<string> {
  await bundled(join(folder, 'bundle.cjs'), { format: 'cjs', external: [...external] });
  // the bootstrap looks for a module, since that is what our functions are
  writeFileSync(
    join(folder, 'index.mjs'),
    "import bundle from './bundle.cjs';\nexport const { handler } = bundle;\n",
  );
  return folder;
}

/** The same, built as our functions are. */
export async function smallClientsBundle(
  folder: string,
  external: readonly string[],
): Promise<string> {
  const banner = {
    js: "import { createRequire as made } from 'node:module'; const require = made(import.meta.url);",
  };
  const mainFields = ['module', 'main'];
  await bundled(join(folder, 'index.mjs'), {
    format: 'esm',
    minify: true,
    mainFields,
    banner,
    external: [...external],
  });
  return folder;
}

async function bundled(outfile: string, options: BuildOptions): Promise<void> {
  await build({
    stdin: { contents: clients, resolveDir: process.cwd(), sourcefile: 'clients.js' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    outfile,
    ...options,
  });
}

/** Packages that a bundle leaves to be found where it runs, as the bundle itself has them. */
export function externalsOf(folder: string): readonly string[] {
  const code = globSync('*.mjs', { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const found = [
    ...code.matchAll(/(?:import\(|require\(|from\s*)["']((?:@aws-sdk|@smithy)\/[\w-]+)["']/g),
  ];
  const names = new Set(found.map(([, name = '']) => name));
  // some are only spoken of in messages
  return [...names].filter((name) => existsSync(join('node_modules', name))).sort();
}
