import { bounded } from '../core/deadline.ts';
import { SECOND } from '../core/time.ts';

const nothing = () => {};
/** The SDK's warnings are for developers: they belong neither on a user's terminal nor in a log. */
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * Options for SDK clients. Calls have a time limit: one worker must not undo a write that another
 * may still be sending. Without `throwOnRequestTimeout` the SDK only warns. Certificates are always
 * verified, even if NODE_TLS_REJECT_UNAUTHORIZED is 0.
 */
export const boundedCalls = {
  maxAttempts: 3,
  logger: silent,
  requestHandler: {
    connectionTimeout: 3 * SECOND,
    requestTimeout: 5 * SECOND,
    throwOnRequestTimeout: true,
    socketTimeout: 5 * SECOND,
    logger: silent,
    httpsAgent: {
      keepAlive: true,
      maxSockets: 50,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    },
  },
} as const;

/** The limits of one adapter's calls, in addition to each call's own signal. */
export interface Limits {
  /**
   * Milliseconds for one call, with all its attempts and the whole answer. Less than a worker
   * reserves for its end. @default 12_000
   */
  readonly deadline?: number;
  /** Ends every call, with its reason. @default none */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a call to AWS with an SDK client. If a signal ends the call, it throws the signal's reason.
 */
export type Call = <Output>(
  signal: AbortSignal | undefined,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
) => Promise<Output>;

/**
 * Abandons a call at the deadline, even if the server still drips bytes. Anything not sent by then
 * is never sent.
 */
export const caller =
  ({ deadline = 12 * SECOND, signal: always }: Limits = {}): Call =>
  (signal, send) =>
    bounded(deadline, [always, signal], (abortSignal) => send({ abortSignal }));
