import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '4.0.2';

/** Commands that its build calls, and their Debian packages. */
const tools: Readonly<Record<string, string>> = {
  autoconf: 'autoconf',
  automake: 'automake',
  libtool: 'libtool-bin',
  libtoolize: 'libtool',
  m4: 'm4',
  'pkg-config': 'pkg-config',
  cmake: 'cmake',
  make: 'make',
  'g++': 'g++',
  xz: 'xz-utils',
  python3: 'python3',
};

/** Missing Debian packages; empty if all are installed. */
export function missingPackages(): readonly string[] {
  const missing = Object.entries(tools).filter(
    ([tool]) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0,
  );
  const headers = existsSync('/usr/include/node/node_api.h')
    ? []
    : ['libnode-dev, or another package with /usr/include/node'];
  return [...missing.map(([, name]) => name), ...headers];
}

/** Installs AWS's runtime client into a folder outside the project. Returns the file to run. */
export function installRic(folder: string): string {
  const home = join(folder, 'node_modules/aws-lambda-ric');
  if (!existsSync(join(home, 'rapid-client.node'))) {
    mkdirSync(folder, { recursive: true });
    // its native part is built on the machine, so its install scripts must run
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ private: true, allowScripts: { 'aws-lambda-ric': true } }),
    );
    execFileSync(
      'npm',
      ['install', `aws-lambda-ric@${VERSION}`, '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, npm_config_nodedir: '/usr', npm_config_ignore_scripts: 'false' },
      },
    );
  }
  return join(home, 'index.mjs');
}
