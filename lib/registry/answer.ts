import type { HttpAnswer, UnknownCause, Verdict } from '../core/ports.ts';
import { errorCodes } from './token.ts';

/** What a registry answers one question about one login. */
export type Answer =
  | { readonly is: 'yes' }
  | { readonly is: 'no' }
  /** A yes to less than was asked for. */
  | { readonly is: 'partly'; readonly missing: readonly string[] }
  /** It does not take this question. */
  | { readonly is: 'silent' }
  | { readonly is: 'unknown'; readonly verdict: Verdict };

/** What an answer to the password means that is not a success. */
export function refusal(answer: HttpAnswer): Answer {
  if (answer.status === 401) return { is: 'no' };
  if (answer.status !== 403) return inconclusive(answer);
  // a firewall says 403 as well, and then a live credential would pass for a revoked one: only a
  // registry's own words count
  const denied = errorCodes(answer.body).some(
    (code) => code === 'DENIED' || code === 'UNAUTHORIZED',
  );
  return denied ? { is: 'no' } : unknown('not-allowed');
}

/** An answer that is no verdict. A redirect is one: following it would take the password along. */
export function inconclusive(answer: HttpAnswer): Answer & { readonly is: 'unknown' } {
  if (answer.status === 429) return unknown('throttled', answer.retryAfter);
  if (answer.status >= 500) return unknown('failed', answer.retryAfter);
  return unknown(errorCodes(answer.body).length > 0 ? 'failed' : 'not-a-registry');
}

export function unknown(
  cause: UnknownCause,
  retryAfter?: number,
): Answer & { readonly is: 'unknown' } {
  return {
    is: 'unknown',
    verdict: { outcome: 'unknown', cause, ...(retryAfter !== undefined && { retryAfter }) },
  };
}
