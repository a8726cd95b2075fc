import * as z from 'zod/mini';
import { CORRELATION_ID } from '../../lib/core/ids/correlation.ts';

const yes = z.optional(z.literal(true));
const name = z.string().check(z.minLength(1));
const correlationId = z.string().check(z.regex(CORRELATION_ID));

/**
 * A message in the work queue. It names a target (`check`: try its credential at the registry too;
 * `believed`: act on a refusal there; `request`: a request asked for this), or a secret that is no
 * longer a target, or an admin account to scan for orphans. Messages are hints: the worker reads
 * the ledger again.
 */
export const message = z.union([
  z.strictObject({ target: name, check: yes, believed: yes, request: yes, correlationId }),
  z.strictObject({ removed: name, correlationId }),
  z.strictObject({ orphans: z.strictObject({ provider: name, admin: name }), correlationId }),
]);

/**
 * A message that `message` has parsed: `target`, `removed` or `orphans`, with the correlation id of
 * the sweep or request that queued it.
 */
export type Message = z.infer<typeof message>;
