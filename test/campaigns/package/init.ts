import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, run } from './pack.ts';

const flags = [
  ...['--provider', 'digitalocean', '--fleet-id', 'shop', '--target', 'shop-images'],
  ...['--param', 'registry=shop', '--app'],
];

/** The app that `npx cdk-rekey init` writes into an empty folder. */
export async function checkInit(folder: string, tarball: string, check: Check): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await check('npx cdk-rekey init --app writes an app into an empty folder', () => {
    const npx = ['exec', '--yes', '--prefer-offline', `--package=${tarball}`, '--'];
    const output = run('npm', [...npx, 'cdk-rekey', 'init', ...flags], folder);
    if (!output.includes('wrote rekey.yaml, package.json')) throw new Error(output);
  });
  await check('npm install in that app takes this package', () => {
    const file = join(folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    manifest.dependencies['cdk-rekey'] = `file:${tarball}`;
    writeFileSync(file, JSON.stringify(manifest));
    run('npm', ['install', '--prefer-offline'], folder);
  });
  await check('the app validates its fleet file, and its code has the right types', () => {
    run('npm', ['run', 'validate'], folder);
    run('npm', ['run', 'types'], folder);
  });
  await check('the app is synthesized without an AWS account', () => {
    run('npm', ['run', 'synth'], folder);
    const template = readFileSync(join(folder, 'cdk.out/rekey-shop.template.json'), 'utf8');
    if (!template.includes('rekey/shop/shop-images')) throw new Error('its secret is missing');
  });
  await check('a second init writes nothing', () => {
    try {
      run('npm', ['exec', '--', 'cdk-rekey', 'init', ...flags], folder);
    } catch (error) {
      if ((error as Error).message.includes('rekey.yaml exists already')) return;
      throw error;
    }
    throw new Error('it wrote again');
  });
}
