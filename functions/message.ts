import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));
const correlationId = z.string().check(z.minLength(1), z.maxLength(128));

/**
 * What the queue carries: which target, and whether its credential is to be tried at the registry too; which secret that is no target
 * any more; or which admin account to look through for orphans. Hints; the worker looks for itself.
 */
export const message = z.union([
  z.strictObject({ target: name, check: z.optional(z.literal(true)), correlationId }),
  z.strictObject({ stranger: name, correlationId }),
  z.strictObject({ orphans: z.strictObject({ provider: name, admin: name }), correlationId }),
]);

export type Message = z.infer<typeof message>;
