import { RekeyError } from '../core/errors.ts';

/** The name of an exception of AWS, by which alone they are told apart: their texts change. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const denied = new Set(['AccessDeniedException', 'AccessDenied', 'KMSAccessDeniedException', 'NotAuthorizedException']);
const bugs = [TypeError, RangeError, ReferenceError];

/**
 * What a call to AWS that failed means to us: `what` names the operation and its object. AWS's text stays in the `cause`,
 * and a mistake of our own is passed on as it is.
 */
export function awsFailure(error: unknown, what: string): unknown {
  if (error instanceof RekeyError || bugs.some((bug) => error instanceof bug)) return error;
  const name = nameOf(error);
  if (denied.has(name)) return new RekeyError('forbidden', `not allowed: ${what}`, { cause: error });
  // names of exceptions are identifiers; anything else a proxy in the way might have put there is left out
  const reason = /^[A-Za-z]{1,64}$/.test(name) ? ` (${name})` : '';
  return new RekeyError('aws-failed', `failed: ${what}${reason}`, { cause: error });
}
