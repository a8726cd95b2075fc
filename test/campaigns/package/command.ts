import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, install, run } from './pack.ts';

/** The Node releases at the edges of what is supported. */
const supported = ['22.19.0', '24.21.0'];

/** The command, outside any clone. */
export async function checkCommand(folder: string, tarball: string, check: Check): Promise<void> {
  install(folder, {}, tarball);
  copyFileSync('examples/fleet.yaml', join(folder, 'rekey.yaml'));
  const command = join(folder, 'node_modules/cdk-rekey/bin/rekey.js');
  // the package `node` would download this one in an install script
  const release = `node-${process.platform}-${process.arch}`;
  for (const version of [...supported, '20.20.0'])
    install(join(folder, version), {}, `${release}@${version}`);
  const node = (version: string) => join(folder, version, 'node_modules', release, 'bin/node');

  for (const version of supported) {
    await check(`rekey validates a fleet file on Node ${version}`, () => {
      const output = run(node(version), [command, 'validate'], folder);
      if (!output.includes('valid')) throw new Error(output);
    });
    await check(`rekey lists its commands on Node ${version}`, () => {
      const output = run(node(version), [command, '--help'], folder);
      if (!output.includes('rotate')) throw new Error(output);
    });
  }
  await check('a Node that is too old gets one sentence', () => {
    try {
      run(node('20.20.0'), [command, 'validate'], folder);
    } catch (error) {
      const text = (error as Error).message.split(': ').slice(1).join(': ').trim();
      if (text === 'rekey needs Node 22.19 or later; this is Node 20.20.0') return;
      throw error;
    }
    throw new Error('it ran');
  });
}
