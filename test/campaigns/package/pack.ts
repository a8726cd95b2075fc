import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs a statement's work and reports it. */
export type Check = (statement: string, work: () => void | Promise<void>) => Promise<void>;

/** Bytes of the tarball. The demonstration has 280 KB of them. */
const LARGEST = 1_480_000;

/** The environment without the settings that npm hands on from this project to its scripts. */
export const own = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package_|config_(?!registry|cache|userconfig))/i.test(name),
  ),
);

/** Runs a command and returns its output; throws with the output of one that fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...own,
        CDK_OUTDIR: process.env.CDK_OUTDIR,
        npm_config_audit: 'false',
        npm_config_fund: 'false',
      },
    });
  } catch (error) {
    const { stdout, stderr, message } = error as Error & {
      readonly stdout?: string;
      readonly stderr?: string;
    };
    throw new Error(
      `${command} ${args.join(' ')}: ${stdout || ''}${stderr || message}`.slice(0, 2000),
    );
  }
}

/** The tarball that `npm publish` would upload. */
export function pack(folder: string): string {
  const output = run('npm', ['pack', '--json', '--pack-destination', folder], process.cwd());
  // the output of the build comes first
  const [packed] = JSON.parse(output.slice(output.lastIndexOf('\n[') + 1)) as [
    { filename: string },
  ];
  return join(folder, packed.filename);
}

/** A fresh folder with a manifest and these packages in it. */
export function install(folder: string, manifest: object, ...packages: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  run('npm', ['install', '--prefer-offline', ...packages], folder);
}

/** Writes files, by name, into a folder. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

export async function checkContent(tarball: string, check: Check): Promise<void> {
  const files = run('tar', ['tzf', tarball], process.cwd()).trim().split('\n');
  await check('the package has JavaScript, declarations, functions, pages and schemas', () => {
    for (const wanted of [
      'package/bin/rekey.js',
      'package/dist/lib/cdk/index.js',
      'package/dist/lib/cdk/index.d.ts',
      'package/dist/events.mjs',
      'package/dist/functions/worker.mjs',
      'package/dist/lib/sandbox/demo/run.js',
      'package/dist/THIRD-PARTY-NOTICES',
      'package/docs/runbook.md',
      'package/schema/rekey.schema.json',
      'package/examples/fleet.yaml',
      'package/template/app/bin/app.ts',
      'package/cdk.json',
      'package/LICENSE',
    ])
      if (!files.includes(wanted)) throw new Error(`${wanted} is missing`);
  });
  await check('the package has no tests and no sources in TypeScript', () => {
    const wrong = files.filter(
      (file) =>
        /^package\/(test|lib|functions)\//.test(file) ||
        /^package\/dist\/.*(?<!\.d)\.ts$/.test(file),
    );
    if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join(', '));
  });
  await check(`the package has at most ${LARGEST / 1000} KB`, () => {
    const { size } = statSync(tarball);
    if (size > LARGEST) throw new Error(`${size} bytes`);
  });
}
