import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { type FileOptions, functionFiles } from './bundle.ts';

let folder: string | undefined;
let count = 0;

/** The code of a function with the fleet next to it, as an asset. `fleet` is the fleet's JSON. */
export function functionCode(name: string, fleet: string, options: FileOptions): AssetCode {
  folder ??= ownFolder();
  const staged = join(folder, String(count++));
  mkdirSync(staged);
  const write = (file: string, content: string) =>
    writeFileSync(join(staged, file), content, { flag: 'wx' });
  for (const [file, content] of functionFiles(name, options)) write(file, content);
  write('fleet.json', fleet);
  return Code.fromAsset(staged);
}

/**
 * A new folder that only its owner can enter: on a shared build host, an existing folder could
 * belong to another user, who could then change the fleet that is deployed.
 */
function ownFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'rekey-functions-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}
