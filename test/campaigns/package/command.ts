import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, install, own, run } from './pack.ts';

/** The Node releases at the edges of what is supported. */
const supported = ['22.19.0', '24.21.0'];
/** A release whose support has ended. */
const tooOld = '20.20.0';

/** The command, outside any clone. */
export async function checkCommand(folder: string, tarball: string, check: Check): Promise<void> {
  install(folder, {}, tarball);
  copyFileSync('examples/fleet.yaml', join(folder, 'rekey.yaml'));
  const command = join(folder, 'node_modules/cdk-rekey/bin/rekey.js');
  // the package `node` would download this one in an install script
  const release = `node-${process.platform}-${process.arch}`;
  // the project brings one of them
  const others = [...supported, tooOld].filter((version) => version !== process.versions.node);
  for (const version of others) install(join(folder, version), {}, `${release}@${version}`);
  const node = (version: string) =>
    others.includes(version)
      ? join(folder, version, 'node_modules', release, 'bin/node')
      : process.execPath;

  for (const version of supported) {
    await check(`rekey validates a fleet file on Node ${version}`, () => {
      const output = run(node(version), [command, 'validate'], folder);
      if (!output.includes('valid')) throw new Error(output);
    });
    await check(`rekey plan explains itself on Node ${version}`, () => {
      const output = run(node(version), [command, 'plan', '--help'], folder);
      if (!output.includes('what is due')) throw new Error(output);
    });
    await check(`rekey demo rotates every provider on Node ${version}`, () => {
      const output = run(node(version), [command, 'demo'], folder);
      if (!/, 0 left behind$/.test(output.trim())) throw new Error(output.slice(-500));
    });
  }
  for (const args of [['validate'], ['plan', '--help'], ['demo']])
    await check(`rekey ${args.join(' ')} on a Node that is too old is one sentence`, () => {
      const { status, stdout, stderr } = spawnSync(node(tooOld), [command, ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
      const sentence = `rekey needs Node 22.19 or later; this is Node ${tooOld}\n`;
      if (status !== 2 || stdout + stderr !== sentence)
        throw new Error(`exit status ${status}: ${stdout}${stderr}`);
    });

  await check(
    'npm ci in a clone prints no warnings about engines on a Node that is too old',
    () => {
      const clone = join(folder, 'clone');
      mkdirSync(clone);
      for (const file of ['package.json', 'package-lock.json', '.npmrc'])
        copyFileSync(file, join(clone, file));
      const npm = process.env.npm_execpath ?? '';
      const { status, stdout, stderr } = spawnSync(node(tooOld), [npm, 'ci', '--dry-run'], {
        cwd: clone,
        encoding: 'utf8',
        env: own,
      });
      if (status !== 0 || stderr.includes('EBADENGINE'))
        throw new Error(`exit status ${status}: ${stderr}${stdout}`.slice(0, 2000));
    },
  );
}
