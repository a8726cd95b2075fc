import type { Target } from '../fleet/index.ts';
import { type Ledger, superseded, type Version } from '../ledger/index.ts';
import { earliest, latest, MINUTE, plus } from '../time.ts';
import { renewalTime } from './renewal.ts';
import { earlyEndFrom, endOfLife, MARGIN } from './situation.ts';

/*
 * Two workers may hold different views of one secret, since nothing is locked. Each looks at the secret again right before it acts on
 * it, and time keeps apart what a look cannot:
 *
 *   candidate since          +10 min                    +15 min
 *   |── may be promoted ──────|        nobody acts       |── may be discarded and revoked ──▶
 *
 *   superseded          revoke-after − 5 min      revoke-after          disabled + 5 min        end of soak − 5 min
 *   |── may be rolled back to ──|  nobody acts  |── is disabled ──▶ |  |── may be rolled back to ──|
 *
 * The gaps are longer than a call takes to fail, and as long as AWS takes a signature, so that what one worker revokes no other can be
 * promoting.
 */
export const PROMOTE_WITHIN = 10 * MINUTE;
export const DISCARD_AFTER = 15 * MINUTE;

/** Since when a version is a candidate. */
export const leaseStart = ({ candidate, credential }: Version): Date =>
  candidate?.since ?? credential?.issuedAt ?? new Date(0);

/** Until when a candidate may be promoted. */
export const leaseEnd = (version: Version): Date => plus(leaseStart(version), PROMOTE_WITHIN);

/** From when on a candidate that will not be promoted may be revoked. */
export function discardableFrom(version: Version, now: Date): Date {
  const end = plus(leaseStart(version), DISCARD_AFTER);
  return version.compromisedAt
    ? earliest(end, plus(latest(version.compromisedAt, now), MARGIN))
    : end;
}

/**
 * When the credential of a superseded version is gone for good: revoked, or deleted after the soak.
 */
export function endOf(target: Target, version: Version): Date | undefined {
  const soak = earlyEndFrom(version) || version.discarded ? 0 : target.soak;
  if (version.disabledAt) return plus(version.disabledAt, soak);
  const end = endOfLife(target, version);
  return end && (end.by === 'expiry' ? end.at : plus(end.at, soak));
}

/**
 * The version a rollback would go to: the previous one, or else the youngest, that is neither
 * compromised nor about to go.
 */
export function rollbackCandidate(target: Target, ledger: Ledger, now: Date): Version | undefined {
  const candidates = ledger.versions
    .filter(superseded)
    .filter(
      (version) => !version.pending && !version.discarded && mayComeBack(target, version, now),
    );
  const previous = candidates.find((version) => version.previous);
  return (
    previous ??
    candidates.sort((a, b) => Number(b.credential.issuedAt) - Number(a.credential.issuedAt))[0]
  );
}

/** Nobody may be ending it just now, and it will not be rotated away again at once. */
export function mayComeBack(target: Target, version: Version, now: Date): boolean {
  const { compromisedAt, credential, disabledAt, revokeBackoff } = version;
  if (compromisedAt || revokeBackoff || !credential) return false;
  const renewal = renewalTime(target, credential);
  if (renewal && renewal <= plus(now, MARGIN)) return false;
  const end = endOf(target, version);
  if (disabledAt)
    return plus(disabledAt, MARGIN) <= now && end !== undefined && plus(now, MARGIN) < end;
  // superseded by hand a moment ago: it has no end yet
  const due = endOfLife(target, version);
  return !due || plus(now, MARGIN) < due.at;
}

/** Until when that version can be rolled back to. */
export function rollbackUntil(target: Target, version: Version): Date | undefined {
  const end = version.disabledAt ? endOf(target, version) : endOfLife(target, version)?.at;
  return end && plus(end, -MARGIN);
}
