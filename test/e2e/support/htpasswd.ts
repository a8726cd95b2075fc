import { randomBytes } from 'node:crypto';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { defineProvider, matches } from '../../../lib/core/provider.ts';
import { Secret } from '../../../lib/core/secret.ts';
import { succeed } from './tools.ts';

/**
 * Logins in an htpasswd file, as Docker's registry reads it: a complete provider. The user name is
 * the label.
 */
export const htpasswd = defineProvider({
  name: 'htpasswd',
  params: z.strictObject({ file: z.string() }),
  admin: z.strictObject({}),
  endpoint: 'http://127.0.0.1',
  realms: [],

  async issue({ params, registry = '' }, { label }) {
    const password = new Secret(randomBytes(24).toString('base64url'));
    const line = await succeed('htpasswd', ['-niB', label], { input: password.reveal() });
    await write(params.file, [...(await read(params.file)), line.trim()]);
    return { id: label, username: label, password, registry };
  },
  async find({ params }, filter) {
    const users = (await read(params.file)).map((line) => line.replace(/:.*/, ''));
    return users.filter((user) => matches(filter, user)).map((user) => ({ id: user, label: user }));
  },
  async check({ params }) {
    await read(params.file);
  },
  async revoke({ params }, { id }) {
    await write(
      params.file,
      (await read(params.file)).filter((line) => !line.startsWith(`${id}:`)),
    );
  },
});

const read = async (file: string) =>
  (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');

let changes = 0;

/**
 * Docker's registry reads the file again only if its modification time changed, so every change
 * gets its own.
 */
async function write(file: string, lines: readonly string[]): Promise<void> {
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  const time = Date.now() / 1000 + ++changes;
  await utimes(file, time, time);
}
