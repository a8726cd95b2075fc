import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that keeps state between runs. */
export interface KeptFile {
  /** Resolves when every change made before the call is on disk. */
  save(): Promise<void>;
}

/** The text of a file; `undefined` if the file does not exist. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes the state after each change, readable by its owner only. The state is written to a
 * temporary file, flushed, then renamed, so a crash leaves either the old file or the new one.
 * Changes that arrive during a write share the next one.
 */
export function keptFile(file: string | undefined, content: () => unknown): KeptFile {
  let written = file === undefined ? JSON.stringify(content()) : '';
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function write(path: string): Promise<void> {
    const text = JSON.stringify(content());
    if (text === written) return;
    const temporary = `${path}.${process.pid}.tmp`;
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await flushDirectory(dirname(path));
    written = text;
  }

  return {
    save() {
      if (file === undefined) return Promise.resolve();
      if (next) return next;
      const turn = writing.then(() => {
        next = undefined;
        return write(file);
      });
      next = turn;
      // a failed write is reported to its callers and retried with the next change
      writing = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function flushDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
