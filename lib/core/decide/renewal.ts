import { MIN_INTERVAL, type Target } from '../fleet/target.ts';
import type { CredentialNote } from '../ledger/index.ts';
import { plus } from '../time.ts';

/**
 * When a credential that expires needs a successor: that has to be live, and the grace over, before
 * it expires; but never more than half its life ahead.
 */
export function renewalTime(
  { grace }: Target,
  { issuedAt, expiresAt }: CredentialNote,
): Date | undefined {
  if (!expiresAt) return undefined;
  return plus(
    expiresAt,
    -Math.min(grace + MIN_INTERVAL, (Number(expiresAt) - Number(issuedAt)) / 2),
  );
}
