import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { refused } from './refused.ts';

/** Files that a new repository has. An app can be written next to them. */
const NEW = new Set(['.git', '.gitignore', '.gitattributes', 'README.md', 'LICENSE']);

/** The entries of a folder that a new repository does not have. */
export const entriesOf = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => !NEW.has(name));

/**
 * Writes new files into a folder, all or none of them. Throws before it writes anything if one
 * exists or the folder is not writable.
 */
export function writeNew(folder: string, files: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(files)) refuseExisting(folder, name);
  refuseUnwritable(folder);
  const written: string[] = [];
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      const made = mkdirSync(dirname(path), { recursive: true });
      if (made) written.push(made);
      writeFileSync(path, text, { flag: 'wx' });
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(path, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw refused(`${folder} cannot be written to (${code}); nothing was written`);
  }
}

/** Throws if the file exists, or its folder does not take it. */
export function refuseFile(folder: string, name: string): void {
  refuseExisting(folder, name);
  refuseUnwritable(join(folder, dirname(name)));
}

function refuseExisting(folder: string, name: string): void {
  if (existsSync(join(folder, name)))
    throw refused(
      `${name} exists already; nothing was written; edit it, or name another file with --fleet`,
    );
}

function refuseUnwritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw refused(`${folder} is not a folder that you can write to; nothing was written`);
  }
}
