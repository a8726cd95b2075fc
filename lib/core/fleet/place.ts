import { createHash } from 'node:crypto';
import type { Provider } from '../provider.ts';
import type { Target } from './target.ts';

/**
 * The place where a credential lives, as 8 hex digits: a digest of the provider, the admin account
 * and the parameters that locate it. It is short because it goes into a staging label, and it only
 * has to distinguish the few places that one target has had.
 */
export function placeOf(provider: Provider, admin: string, params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([provider.name, admin, ...(provider.place?.(params) ?? [])]))
    .digest('hex')
    .slice(0, 8);
}

/**
 * The admin secrets needed to rotate these targets, and to revoke their credentials at former
 * places.
 */
export const adminSecretsOf = (targets: readonly Target[]): ReadonlySet<string> =>
  new Set(targets.flatMap(({ admin, former = [] }) => [admin, ...former.map((one) => one.admin)]));
