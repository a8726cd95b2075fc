import * as z from 'zod/mini';
import { RekeyError } from '../../lib/core/errors.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';

const places = z.record(z.string(), z.object({ api: z.url(), registry: z.string() }));

/**
 * Other addresses than the providers' own: simulated vendors, for tests. The bundling of a
 * deployment writes a constant in the place of `REKEY_BUNDLE` and leaves the rest out: whoever can
 * change the environment of a function must not be able to have the admin credentials sent
 * elsewhere, nor to open loopback, where Lambda hands out the work.
 */
export function simulatedEndpoints(): Engine['endpoints'] {
  if (process.env.REKEY_BUNDLE === 'deployed') return undefined;
  const { REKEY_ENDPOINTS } = process.env;
  if (!REKEY_ENDPOINTS) return undefined;
  const parsed = places.safeParse(JSON.parse(REKEY_ENDPOINTS));
  if (parsed.success) return parsed.data;
  throw new RekeyError(
    'bad-fleet',
    'REKEY_ENDPOINTS is wrong: expected, by provider, the URL of its API and the host of its registry',
  );
}
