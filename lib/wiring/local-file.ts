import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

/** Where a running embedded AWS says how it is reached; below the folder it was started in. */
export const localFile = '.rekey/local.json';

const content = z.object({
  aws: z.url(),
  region: z.string(),
  /** The process that runs it. */
  pid: z.int().positive(),
  endpoints: z
    .record(z.string(), z.object({ api: z.url(), registry: z.string() }).readonly())
    .readonly(),
});

export type LocalEndpoints = Omit<z.infer<typeof content>, 'pid'>;

export function writeLocal(endpoints: LocalEndpoints): void {
  mkdirSync(dirname(localFile), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ ...endpoints, pid: process.pid }, undefined, 2)}\n`;
  writeFileSync(localFile, text, { mode: 0o600 });
}

/**
 * `undefined` if none is running, or the file is not one. What was killed leaves its file behind.
 */
export function readLocal(): z.infer<typeof content> | undefined {
  try {
    const local = content.parse(JSON.parse(readFileSync(localFile, 'utf8')));
    return isRunning(local.pid) ? local : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the file of this process, and not that of another one. */
export function removeLocal(): void {
  if (readLocal()?.pid === process.pid) rmSync(localFile, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // it runs, and belongs to somebody else
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
