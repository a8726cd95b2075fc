import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { emptyState, type State, stateSchema } from './state.ts';

/** Where the state is kept between runs. */
export interface StateFile {
  /** Resolves when everything changed before the call is on the disk. */
  save(): Promise<void>;
}

/** Reads the state of an earlier run; a file that does not exist yet is an empty state. */
export function loadState(file: string | undefined): State {
  const text = file === undefined ? undefined : readIfThere(file);
  if (text === undefined) return emptyState();
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    // what failed to parse may hold secrets, so it is not passed on as the cause
    throw new Error(`${file} is not a state file of the embedded AWS; move it away or name another file`);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes the state after each change, readable by its owner only. A crash leaves the old file or the new one, never
 * half of one: it is written beside, flushed, then renamed. Changes that come while it is being written share the next write.
 */
export function stateFile(file: string | undefined, state: State): StateFile {
  let written = file === undefined ? JSON.stringify(state) : '';
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function write(path: string): Promise<void> {
    const text = JSON.stringify(state);
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
      // a failed write is reported to those who waited for it, and tried again with the next change
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
