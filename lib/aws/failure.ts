import { RekeyError } from '../core/errors.ts';

/** The name of an exception of AWS, by which alone they are told apart: their texts change. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const denied = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'KMSAccessDeniedException',
  'NotAuthorizedException',
]);
const bugs = [TypeError, RangeError, ReferenceError];

/**
 * What a call to AWS that failed means to us: `what` names the operation and its object. AWS's text
 * stays in the `cause`; a mistake of our own, and the reason of a signal that ended the call, are
 * passed on as they are.
 */
export function awsFailure(
  error: unknown,
  what: string,
  ...signals: readonly (AbortSignal | undefined)[]
): unknown {
  if (signals.some((signal) => signal?.aborted && signal.reason === error)) return error;
  if (error instanceof RekeyError || bugs.some((bug) => error instanceof bug)) return error;
  const name = nameOf(error);
  if (denied.has(name))
    return new RekeyError('forbidden', `not allowed: ${what}`, { cause: error });
  // names of exceptions are identifiers; anything else a proxy in the way might have put there is
  // left out
  const reason = /^[A-Za-z]{1,64}$/.test(name) ? ` (${name})` : '';
  return new RekeyError('aws-failed', `failed: ${what}${reason}`, { cause: error });
}
