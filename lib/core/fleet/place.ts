import { createHash } from 'node:crypto';
import type { Provider } from '../ports.ts';

/**
 * Where a credential lives: provider, admin account and the parameters that say where, as 8 hex digits. Short, since it goes into a
 * staging label; it tells apart the few places that one target has had.
 */
export function placeOf(provider: Provider, admin: string, params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([provider.name, admin, ...(provider.place?.(params) ?? [])]))
    .digest('hex')
    .slice(0, 8);
}
