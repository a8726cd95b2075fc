import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../wiring/installed.ts';

const read = (file: string): string => readFileSync(join(packageFolder, file), 'utf8');

interface Manifest {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The files of a CDK app around a fleet file, without those that the folder already has. */
export function appFiles(folder: string, fleet: string): Readonly<Record<string, string>> {
  const template = (file: string) => read(`template/app/${file}`).replaceAll('rekey-acme', name);
  const name = `rekey-${fleet}`;
  const files: Record<string, string> = {
    'package.json': json(manifest(name)),
    'tsconfig.json': template('tsconfig.json'),
    'cdk.json': json(cdk()),
    'bin/app.ts': template('bin/app.ts'),
  };
  // npm leaves a .gitignore out of packages
  const usual = { '.gitignore': template('gitignore'), 'README.md': template('README.md') };
  for (const [file, text] of Object.entries(usual))
    if (!existsSync(join(folder, file))) files[file] = text;
  return files;
}

/** The versions are those that this version of rekey is tested with. */
function manifest(name: string): object {
  const own = JSON.parse(read('package.json')) as Manifest;
  const tested = (...names: readonly string[]) =>
    Object.fromEntries(names.map((one) => [one, own.devDependencies[one]]));
  return {
    name,
    private: true,
    type: 'module',
    scripts: {
      validate: 'rekey validate',
      types: 'tsc',
      synth: 'cdk synth --quiet',
      deploy: 'cdk deploy',
    },
    dependencies: {
      ...tested('aws-cdk-lib'),
      'cdk-rekey': own.version,
      ...tested('constructs'),
    },
    devDependencies: tested('@types/node', 'aws-cdk', 'typescript'),
    engines: own.engines,
  };
}

/** The feature flags that rekey's own app has. */
function cdk(): object {
  const { context } = JSON.parse(read('cdk.json')) as { readonly context: object };
  return { app: 'node bin/app.ts', context };
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
