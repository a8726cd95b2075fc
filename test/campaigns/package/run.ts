import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkApp } from './app.ts';
import { checkCommand } from './command.ts';
import { checkInit } from './init.ts';
import { checkOwnProvider } from './own-provider.ts';
import { checkContent, pack } from './pack.ts';
import { checkPeers } from './peers.ts';
import { checkSubscriber } from './subscriber.ts';

/*
 * `npm run package`: packs the project, installs the tarball into fresh folders, and uses it there
 * as its users do. Needs the package registry. Ends with `package: N checks, N passed`, and with
 * status 1 if one failed.
 */
const folder = mkdtempSync(join(tmpdir(), 'rekey-package-'));
let checks = 0;
let failed = 0;

/** One statement about the package, with its reason if it is false. */
async function check(statement: string, work: () => void | Promise<void>): Promise<void> {
  checks += 1;
  try {
    await work();
    process.stdout.write(`ok      ${statement}\n`);
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAILED  ${statement}\n        ${(error as Error).message}\n`);
  }
}

try {
  const tarball = pack(folder);
  await checkContent(tarball, check);
  await checkSubscriber(join(folder, 'subscriber'), tarball, check);
  await checkCommand(join(folder, 'command'), tarball, check);
  await checkInit(join(folder, 'init'), tarball, check);
  await checkApp(join(folder, 'app'), tarball, check);
  await checkPeers(join(folder, 'peers'), tarball, check);
  await checkOwnProvider(join(folder, 'own-provider'), tarball, check);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`package: ${checks} checks, ${checks - failed} passed\n`);
process.exitCode = failed > 0 ? 1 : 0;
