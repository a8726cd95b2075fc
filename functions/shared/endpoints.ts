import * as z from 'zod/mini';
import { RekeyError } from '../../lib/core/errors.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';

const places = z.record(z.string(), z.object({ api: z.url(), registry: z.string() }));

/**
 * Addresses of simulated vendors, for tests; `undefined` in a deployment. Throws `bad-fleet` if
 * they are invalid. The bundling of a deployment replaces `REKEY_BUNDLE` by a constant and removes
 * the rest. Someone who can change the environment of a function must not be able to redirect the
 * admin credentials, nor to open loopback, where Lambda's runtime API listens.
 */
export function simulatedEndpoints(): Engine['endpoints'] {
  if (process.env.REKEY_BUNDLE === 'deployed') return undefined;
  const { REKEY_ENDPOINTS } = process.env;
  if (!REKEY_ENDPOINTS) return undefined;
  const parsed = places.safeParse(JSON.parse(REKEY_ENDPOINTS));
  if (parsed.success) return parsed.data;
  throw new RekeyError(
    'bad-fleet',
    [
      'REKEY_ENDPOINTS is invalid:',
      'expected, for each provider, the URL of its API and the host of its registry',
    ].join(' '),
  );
}
