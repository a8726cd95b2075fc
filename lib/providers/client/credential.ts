import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { RekeyError } from '../../core/errors.ts';
import type { Login } from '../../core/login.ts';
import { type FoundCredential, type LabelFilter, matches } from '../../core/provider.ts';
import { Secret } from '../../core/secret.ts';
import type { Confirmation } from './answer.ts';
import { registryHost } from './schemas.ts';

/**
 * The result of `find`: the credentials that the filter selects. `read` returns nothing for an item
 * that is not a live credential.
 */
export async function select<Item>(
  filter: LabelFilter,
  items: Iterable<Item> | AsyncIterable<Item>,
  read: (item: Item) => FoundCredential | false | null | undefined,
): Promise<FoundCredential[]> {
  const found: FoundCredential[] = [];
  for await (const item of items) {
    const credential = read(item);
    if (credential && matches(filter, credential.label)) found.push(credential);
  }
  return found;
}

/**
 * Deletes a credential that no one can use, such as one that came without its password. Resolves to
 * `error`, for the caller to throw. If the deletion fails, the search for orphans finds the
 * credential by its label.
 */
export async function takeBack<Call>(
  provider: { revoke(call: Call, credential: { readonly id: string }): Promise<void> },
  call: Call,
  id: string,
  error: RekeyError,
): Promise<RekeyError> {
  await provider.revoke(call, { id }).catch(() => {});
  return error;
}

/**
 * How `enable` treats an id that the vendor does not know: suspending the credential is success,
 * restoring it is `not-found`.
 */
export const whenUnknown = (enabled: boolean): Confirmation =>
  enabled
    ? { meanings: { 404: 'the credential is gone for good; rotate instead' } }
    : { gone: [404] };

/** The registry's host, if the provider knows it and the API does not return it. */
export function registryOf({ registry }: { readonly registry: string | undefined }): string {
  if (registry) return registry;
  throw new Error('the provider has neither a registry nor an address');
}

/** An id for a credential without one at its vendor: hex digits that reveal nothing of it. */
export const digestId = (text: string, length = 32): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

const Entry = z.object({ auth: z.string() });

/**
 * The logins in a Docker config (`{ "auths": { "<host>": { "auth": "<base64>" } } }`). Hosts are
 * checked here: as keys of a schema they would appear in its errors.
 */
export const dockerLogins = z
  .object({ auths: z.record(z.string(), z.unknown()) })
  .transform(({ auths }) =>
    Object.entries(auths).flatMap(([host, entry]) => loginOf(host, entry) ?? []),
  );

/** The password follows the last colon: DigitalOcean has user names with one. */
function loginOf(registry: string, entry: unknown): Login | undefined {
  const { data } = Entry.safeParse(entry);
  if (!data || !registryHost.safeParse(registry).success) return undefined;
  const pair = Buffer.from(data.auth, 'base64').toString('utf8').trim();
  const [, username, password] = /^(\P{Cc}+):([\x21-\x39\x3b-\x7e]+)$/u.exec(pair) ?? [];
  return username && password ? { registry, username, password: new Secret(password) } : undefined;
}
