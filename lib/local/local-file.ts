import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

/** Where a running embedded AWS says how it is reached; below the folder it was started in. */
export const localFile = '.rekey/local.json';

const content = z.object({
  aws: z.url(),
  region: z.string(),
  bus: z.string(),
  endpoints: z.record(z.string(), z.object({ api: z.url(), registry: z.string() }).readonly()).readonly(),
});

export type LocalEndpoints = z.infer<typeof content>;

export function writeLocal(endpoints: LocalEndpoints): void {
  mkdirSync(dirname(localFile), { recursive: true, mode: 0o700 });
  writeFileSync(localFile, `${JSON.stringify(endpoints, undefined, 2)}\n`, { mode: 0o600 });
}

/** `undefined` if none is running, or the file is not one. */
export function readLocal(): LocalEndpoints | undefined {
  try {
    return content.parse(JSON.parse(readFileSync(localFile, 'utf8')));
  } catch {
    return undefined;
  }
}

export const removeLocal = (): void => rmSync(localFile, { force: true });
