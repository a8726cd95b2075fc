import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, install, run, write } from './pack.ts';
import { compiler } from './subscriber.ts';

/** An app like those of `cdk init app --language typescript`: CommonJS, run by tsx. */
const app = `import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Rekey } from 'cdk-rekey';

const app = new App();
const stack = new Stack(app, 'Registry');
const rekey = new Rekey(stack, 'Rekey', { fleetFile: 'rekey.yaml' });
const assumedBy = new ServicePrincipal('ecs-tasks.amazonaws.com');
const role = new Role(stack, 'Role', { assumedBy });
rekey.grantRead('shop-images', role);
app.synth();
`;

/** The template and the hashes of the assets; stack traces and versions of tools are left out. */
function synthesized(folder: string): string {
  const assets = readdirSync(folder).filter((name) => name.startsWith('asset.'));
  const template = readFileSync(join(folder, 'Registry.template.json'), 'utf8');
  return [...assets.sort(), template].join('\n');
}

/** A user's CDK app. */
export async function checkApp(folder: string, tarball: string, check: Check): Promise<void> {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const of = (name: string) => `${name}@${devDependencies[name]}`;
  install(folder, {}, tarball, of('aws-cdk-lib'), of('constructs'), of('@types/node'), 'tsx@4');
  copyFileSync('examples/fleet.yaml', join(folder, 'rekey.yaml'));
  write(folder, { 'app.ts': app });
  const tsx = join(folder, 'node_modules/tsx/dist/cli.mjs');

  await check('a CDK app compiles', () => {
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext'];
    run(process.execPath, [compiler, ...options, '--target', 'es2023', 'app.ts'], folder);
  });
  await check('a CDK app is synthesized without a bundler', () => {
    process.env.CDK_OUTDIR = join(folder, 'cdk.out');
    run(process.execPath, [tsx, 'app.ts'], folder);
  });
  await check('the template and the assets are those of a clone', () => {
    const clone = '.rekey/package';
    mkdirSync(clone, { recursive: true });
    copyFileSync('examples/fleet.yaml', join(clone, 'rekey.yaml'));
    write(clone, { 'app.ts': app.replace("'cdk-rekey'", "'../../lib/cdk/index.ts'") });
    process.env.CDK_OUTDIR = join(folder, 'clone.out');
    run(process.execPath, ['app.ts'], clone);
    const [theirs, ours] = ['cdk.out', 'clone.out'].map((out) => synthesized(join(folder, out)));
    if (theirs !== ours) throw new Error('they differ');
  });
  await check('a fleet file that does not exist is named as the app sees it', () => {
    write(folder, { 'wrong.ts': app.replace('rekey.yaml', 'none.yaml') });
    try {
      run(process.execPath, [tsx, 'wrong.ts'], folder);
    } catch (error) {
      if ((error as Error).message.includes('none.yaml does not exist')) return;
      throw error;
    }
    throw new Error('it was synthesized');
  });
}
