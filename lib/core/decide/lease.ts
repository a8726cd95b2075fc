import type { Target } from '../fleet/index.ts';
import { type Ledger, superseded, type Version } from '../ledger.ts';
import { MINUTE, plus } from '../time.ts';
import { revocationTime } from './situation.ts';

/*
 * Two workers may hold different views of one secret, since nothing is locked. Time keeps them apart:
 *
 *   candidate stored          +10 min                    +15 min
 *   |── may be promoted ──────|        nobody acts       |── may be discarded and revoked ──▶
 *
 *   superseded                          revoke-after − margin      revoke-after
 *   |── may be rolled back to ──────────|      nobody acts         |── may be revoked ──▶
 *
 * The gap is longer than a call takes to fail, so that what one worker revokes no other can be promoting.
 */
export const PROMOTE_WITHIN = 10 * MINUTE;
export const DISCARD_AFTER = 15 * MINUTE;

/** How long before its revocation a credential can no longer be rolled back to. */
export const ROLLBACK_MARGIN = 5 * MINUTE;

/** The rollback that made this pending version a candidate again, if one did. */
const rollbackTo = (ledger: Ledger, version: Version) => {
  const { rollback } = ledger.current ?? {};
  return rollback?.to === version.id ? rollback : undefined;
};

/** Since when the pending version is a candidate. */
export function leaseStart(ledger: Ledger, pending: Version): Date {
  return rollbackTo(ledger, pending)?.at ?? pending.credential?.issuedAt ?? new Date(0);
}

/** Until when the pending version may be promoted. */
export const leaseEnd = (ledger: Ledger, pending: Version): Date => plus(leaseStart(ledger, pending), PROMOTE_WITHIN);

/** When the credential of a superseded version is gone for good: revoked, or deleted after the soak. */
export function endOf(target: Target, version: Version): Date | undefined {
  if (version.disabledAt) return plus(version.disabledAt, target.soak);
  const revocation = revocationTime(target, version);
  return revocation && plus(revocation, target.soak);
}

/** The version a roll-back would go to: the youngest superseded one that is not compromised and not about to go. */
export function rollbackCandidate(target: Target, ledger: Ledger, now: Date): Version | undefined {
  const candidates = ledger.versions.filter(superseded).filter((version) => {
    const end = endOf(target, version);
    return !version.compromisedAt && end !== undefined && plus(now, ROLLBACK_MARGIN) < end;
  });
  const previous = candidates.find((version) => version.previous);
  return previous ?? candidates.sort((a, b) => Number(b.credential.issuedAt) - Number(a.credential.issuedAt))[0];
}
