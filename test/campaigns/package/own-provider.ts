import { cpSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Check, install, run } from './pack.ts';

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** The packages that a test of a provider needs, with what this package asks of them. */
const testing = Object.entries(manifestOf('.').peerDependencies).filter(
  ([name]) => !/^(aws-cdk-lib|constructs)$/.test(name),
);

/** The lowest version in a range such as `^1.19.0 || ^2.0.0`. */
const lowest = (range: string): string => /\d+\.\d+\.\d+/.exec(range)?.[0] ?? range;

/** A repository with a provider of its own: the example. */
export async function checkOwnProvider(
  folder: string,
  tarball: string,
  check: Check,
): Promise<void> {
  const example = 'examples/own-provider';
  cpSync(example, folder, { recursive: true });
  // without the range of this package, which the registry may not have
  const manifest = JSON.parse(
    readFileSync(join(example, 'package.json'), 'utf8').replace(/^ *"cdk-rekey": .*\n/m, ''),
  ) as object;
  install(folder, manifest, tarball);
  const node = (script: string, ...args: string[]) =>
    run(process.execPath, [join(folder, 'node_modules', script), ...args], folder);
  const contract = () => {
    const output = stripVTControlCharacters(node('vitest/vitest.mjs', 'run'));
    if (Number(/Tests +(\d+) passed/.exec(output)?.[1] ?? 0) < 100) throw new Error(output);
  };

  await check('a repository with a provider of its own compiles', () => {
    node('typescript/bin/tsc');
  });
  await check('rekey validates a fleet with a provider of its own', () => {
    node('cdk-rekey/bin/rekey.js', 'validate', '--providers', 'providers.ts');
  });
  await check('an app with a provider of its own is synthesized', () => {
    process.env.CDK_OUTDIR = join(folder, 'cdk.out');
    run(process.execPath, ['app.ts'], folder);
    const code = globSync('cdk.out/asset.*/providers.mjs', { cwd: folder });
    if (code.length !== 1) throw new Error(`${code.length} functions have the provider's code`);
  });
  await check('a provider of one’s own passes the contract', contract);
  await check('it does so with the oldest versions that the kit allows', () => {
    const oldest = testing.map(([name, range]) => `${name}@${lowest(range)}`);
    run('npm', ['install', '--no-save', '--prefer-offline', ...oldest], folder);
    contract();
  });
}
