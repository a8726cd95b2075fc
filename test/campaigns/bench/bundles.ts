import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** Bytes of code in a bundle: everything that a cold start may load. */
export const sizeOf = (folder: string): number =>
  globSync('*.{mjs,cjs}', { cwd: folder }).reduce(
    (sum, file) => sum + statSync(join(folder, file)).size,
    0,
  );

// clients are created at once; our functions create theirs at the first event
const clients = `
  import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
  import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
  export const made = [new SecretsManagerClient({}), new EventBridgeClient({})];
  export const handler = async () => {};
`;

/** A handler and nothing else: the base cost of a process. */
export function emptyBundle(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => {};\n');
  return folder;
}

/**
 * Only the two SDK clients, built as CDK's NodejsFunction does by default: bundled for Node as
 * CommonJS, not minified.
 */
export async function clientsBundle(
  folder: string,
  external: readonly string[] = [],
): Promise<string> {
  await bundled(join(folder, 'bundle.cjs'), { format: 'cjs', external: [...external] });
  // the bootstrap loads a module, because our functions are modules
  writeFileSync(
    join(folder, 'index.mjs'),
    "import bundle from './bundle.cjs';\nexport const { handler } = bundle;\n",
  );
  return folder;
}

/** The same, built like our functions. */
export async function smallClientsBundle(
  folder: string,
  external: readonly string[],
): Promise<string> {
  const banner = {
    js: [
      "import { createRequire as made } from 'node:module';",
      'const require = made(import.meta.url);',
    ].join(' '),
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

/** Packages that a bundle expects in its runtime, found in the bundle itself. */
export function externalsOf(folder: string): readonly string[] {
  const code = globSync('*.mjs', { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const found = [
    ...code.matchAll(/(?:import\(|require\(|from\s*)["']((?:@aws-sdk|@smithy)\/[\w-]+)["']/g),
  ];
  const names = new Set(found.map(([, name = '']) => name));
  // some only occur in messages
  return [...names].filter((name) => existsSync(join('node_modules', name))).sort();
}
