import { SECOND } from '../core/time.ts';

/** For SDK clients: calls are bounded, since what one worker may still be sending another must not undo. */
export const boundedCalls = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3 * SECOND, requestTimeout: 10 * SECOND },
} as const;
