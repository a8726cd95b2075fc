import * as z from 'zod/mini';
import { CORRELATION_ID } from '../../lib/core/ids/correlation.ts';

const yes = z.optional(z.literal(true));
const name = z.string().check(z.minLength(1));
const correlationId = z.string().check(z.regex(CORRELATION_ID));

/**
 * What the queue carries: which target, whether its credential is to be tried at the registry too,
 * and whether that is believed should it be refused; that somebody asked for it; which secret that
 * is no target any more; or which admin account to look through for orphans. Hints; the worker
 * looks for itself.
 */
export const message = z.union([
  z.strictObject({ target: name, check: yes, believed: yes, request: yes, correlationId }),
  z.strictObject({ stranger: name, correlationId }),
  z.strictObject({ orphans: z.strictObject({ provider: name, admin: name }), correlationId }),
]);

export type Message = z.infer<typeof message>;
