import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

/** File with the endpoints of a running embedded AWS, relative to the folder it was started in. */
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

/** The endpoints of an embedded AWS and its simulated vendors. */
export type LocalEndpoints = Omit<z.infer<typeof content>, 'pid'>;

/** Writes the endpoints of this process to the file, for other processes of the same user. */
export function writeLocal(endpoints: LocalEndpoints): void {
  mkdirSync(dirname(localFile), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ ...endpoints, pid: process.pid }, undefined, 2)}\n`;
  writeFileSync(localFile, text, { mode: 0o600 });
}

/**
 * Reads the file; `undefined` if it is missing or invalid, or its process no longer runs: a killed
 * process leaves its file behind.
 */
export function readLocal(): z.infer<typeof content> | undefined {
  try {
    const local = content.parse(JSON.parse(readFileSync(localFile, 'utf8')));
    return isRunning(local.pid) ? local : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the file if this process wrote it. */
export function removeLocal(): void {
  if (readLocal()?.pid === process.pid) rmSync(localFile, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // the process runs, and belongs to another user
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
