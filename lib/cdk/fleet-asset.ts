import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const files = new Map<string, string>();
let folder: string | undefined;

/**
 * A file with this content, for the bundling to copy. Its folder is new and nobody else's: on a
 * host that several people build on, one that was there already could belong to another of them,
 * who would then say which fleet is deployed.
 */
export function fileOf(content: string): string {
  const known = files.get(content);
  if (known) return known;
  folder ??= ownFolder();
  const file = join(folder, `fleet-${files.size}.json`);
  writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
  files.set(content, file);
  return file;
}

function ownFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'rekey-fleet-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** One word of a POSIX shell, whatever is in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
