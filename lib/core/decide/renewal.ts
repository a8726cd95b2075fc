import type { Target } from '../fleet/index.ts';
import type { CredentialNote } from '../ledger/index.ts';
import { MINUTE, plus } from '../time.ts';

/**
 * Never sooner than this after the last version: Secrets Manager keeps about 100, and drops none
 * younger than a day.
 */
export const MIN_AGE = 15 * MINUTE;

/**
 * When a credential that expires needs a successor: that has to be live, and the grace over, before
 * it expires; but never more than half its life ahead.
 */
export function renewalTime(
  { grace }: Target,
  { issuedAt, expiresAt }: CredentialNote,
): Date | undefined {
  if (!expiresAt) return undefined;
  return plus(expiresAt, -Math.min(grace + MIN_AGE, (Number(expiresAt) - Number(issuedAt)) / 2));
}
