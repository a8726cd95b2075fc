import { createHash } from 'node:crypto';
import type { Provider } from '../provider.ts';
import type { Target } from './target.ts';

/**
 * Where a credential lives: provider, admin account and the parameters that say where, as 8 hex
 * digits. Short, since it goes into a staging label; it tells apart the few places that one target
 * has had.
 */
export function placeOf(provider: Provider, admin: string, params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([provider.name, admin, ...(provider.place?.(params) ?? [])]))
    .digest('hex')
    .slice(0, 8);
}

/**
 * The admin secrets that it takes to rotate these targets, and to end what they left at former
 * places.
 */
export const adminSecretsOf = (targets: readonly Target[]): ReadonlySet<string> =>
  new Set(targets.flatMap(({ admin, former = [] }) => [admin, ...former.map((one) => one.admin)]));
