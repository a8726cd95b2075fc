import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { newProvider } from '../lib/scaffold/index.ts';

// Writes a provider with a made-up API, to be changed into that of a vendor: see CONTRIBUTING.md.
const root = resolve(import.meta.dirname, '..');
try {
  const written = newProvider(root, process.argv[2]);
  process.stdout.write(written.map((file) => `wrote ${file}\n`).join(''));
  const args = [resolve(import.meta.dirname, 'schemas.ts')];
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
