import { RekeyError } from '../core/errors.ts';

/** The name of an AWS exception. Exceptions are recognized by name only, as their texts change. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const denied = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'KMSAccessDeniedException',
  'NotAuthorizedException',
]);
const bugs = [TypeError, RangeError, ReferenceError];

/**
 * Turns the error of a call to AWS into `forbidden` or `aws-failed`; `what` names the operation and
 * its object. AWS's text stays in the `cause`. A programming error, and the reason of a signal that
 * ended the call, are returned unchanged.
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
  // exception names are identifiers; any other text may come from a proxy, and is left out
  const reason = /^[A-Za-z]{1,64}$/.test(name) ? ` (${name})` : '';
  return new RekeyError('aws-failed', `failed: ${what}${reason}`, { cause: error });
}
