import { MIN_INTERVAL, type Target } from '../fleet/target.ts';
import type { CredentialNote } from '../ledger/index.ts';
import { plus } from '../time.ts';

/**
 * The time at which a credential that expires needs a successor: early enough for the successor to
 * become current and for the grace to end before the expiry, but at most half its life ahead.
 * `undefined` if it does not expire.
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
