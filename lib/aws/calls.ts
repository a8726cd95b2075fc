import { bounded } from '../core/deadline.ts';
import { SECOND } from '../core/time.ts';

const nothing = () => {};
/**
 * The SDK's advice is for developers: it belongs neither on a user's terminal nor between the lines
 * of a log.
 */
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * For SDK clients: calls are bounded, since what one worker may still be sending another must not
 * undo. Without `throwOnRequestTimeout` the SDK only warns. Certificates are verified, whatever
 * NODE_TLS_REJECT_UNAUTHORIZED says.
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

/** What bounds the calls of one adapter, besides the signal that a call brings along. */
export interface Limits {
  /**
   * Milliseconds for one call, with all its attempts and the whole answer: less than the functions
   * keep back for their end. @default 12_000
   */
  readonly deadline?: number;
  /** Ends every call, with its reason. @default none */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a call to AWS by an SDK client. Ends with the signal's own reason, if it is the signal that
 * ends it.
 */
export type Call = <Output>(
  signal: AbortSignal | undefined,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
) => Promise<Output>;

/**
 * A server that is silent or drips is left alone after the deadline; what was not sent by then is
 * never sent.
 */
export const caller =
  ({ deadline = 12 * SECOND, signal: always }: Limits = {}): Call =>
  (signal, send) =>
    bounded(deadline, [always, signal], (abortSignal) => send({ abortSignal }));
