import * as z from 'zod';

/** What the queue carries: which target, or which secret that is no target any more. Hints; the worker looks for itself. */
export const message = z.union([
  z.strictObject({ target: z.string().min(1), correlationId: z.string().min(1).max(128) }),
  z.strictObject({ stranger: z.string().min(1), correlationId: z.string().min(1).max(128) }),
]);

export type Message = z.infer<typeof message>;
