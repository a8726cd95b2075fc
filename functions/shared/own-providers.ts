import type { Providers } from '../../lib/core/fleet/index.ts';
import { providers } from '../../lib/providers/index.ts';
import { withOwn } from '../../lib/wiring/own-providers.ts';

export * from '../../lib/kit/provider.ts';

let known: Providers = providers;

/**
 * Adds the providers of a user. The file that is deployed calls it before the first event, with the
 * default export of the user's file.
 */
export function addProviders(exported: unknown): void {
  known = withOwn(exported, 'providers.mjs');
}

/** Every provider of this function. */
export const knownProviders = (): Providers => known;
