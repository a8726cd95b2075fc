import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const files = new Map<string, string>();
let folder: string | undefined;

/**
 * Writes this content to a file, for the bundling to copy. The folder is new and private: on a
 * shared build host, an existing folder could belong to another user, who could then change the
 * fleet that is deployed.
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

/** Quotes any text as one word for a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
