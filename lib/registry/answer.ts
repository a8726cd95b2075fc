import type { HttpAnswer, UnknownCause, Verdict } from '../core/ports.ts';
import { errorCodes } from './token.ts';

/** A registry's answer to one question about one login. */
export type Answer =
  | { readonly is: 'yes' }
  | { readonly is: 'no' }
  /** It grants less than requested. */
  | { readonly is: 'partly'; readonly missing: readonly string[] }
  /** It does not accept this question. */
  | { readonly is: 'silent' }
  | { readonly is: 'unknown'; readonly verdict: Verdict };

/** The meaning of an answer to a login that is not a success. */
export function refusal(answer: HttpAnswer): Answer {
  if (answer.status === 401) return { is: 'no' };
  if (answer.status !== 403) return inconclusive(answer);
  // a firewall may also answer 403, and a live credential would look revoked: only a registry's own
  // error code counts
  const denied = errorCodes(answer.body).some(
    (code) => code === 'DENIED' || code === 'UNAUTHORIZED',
  );
  return denied ? { is: 'no' } : unknown('not-allowed');
}

/**
 * An inconclusive answer. A redirect is inconclusive too: following it would send the password to
 * another server.
 */
export function inconclusive(answer: HttpAnswer): Answer & { readonly is: 'unknown' } {
  if (answer.status === 429) return unknown('throttled', answer.retryAfter);
  if (answer.status >= 500) return unknown('failed', answer.retryAfter);
  return unknown(errorCodes(answer.body).length > 0 ? 'failed' : 'not-a-registry');
}

/** An answer with the verdict `unknown` and its cause; `retryAfter` is in milliseconds. */
export function unknown(
  cause: UnknownCause,
  retryAfter?: number,
): Answer & { readonly is: 'unknown' } {
  return {
    is: 'unknown',
    verdict: { outcome: 'unknown', cause, ...(retryAfter !== undefined && { retryAfter }) },
  };
}
