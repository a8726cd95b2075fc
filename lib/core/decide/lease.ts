import type { Target } from '../fleet/index.ts';
import { type Ledger, superseded, type Version } from '../ledger/index.ts';
import { earliest, latest, MINUTE, plus } from '../time.ts';
import { renewalTime } from './renewal.ts';
import { earlyEndFrom, endOfLife, MARGIN } from './situation.ts';

/*
 * Two workers may have different views of one secret, because nothing is locked. Each reads the
 * secret again right before it acts on it. Gaps in time exclude the races that remain:
 *
 *   candidate since          +10 min                  +15 min
 *   |── may be promoted ──────|      no one acts      |── may be discarded and revoked ──▶
 *
 *   superseded        revoke-after − 5 min        revoke-after
 *   |── may be rolled back to ──|    no one acts    |── is disabled ──▶
 *
 *   disabled          + 5 min                       end of soak − 5 min
 *   |── no one acts ──|── may be rolled back to ────|── no one acts, until it is deleted ──▶
 *
 * The gaps are longer than a call takes to fail, and as long as AWS accepts a signature, so that no
 * worker promotes a version that another worker revokes.
 */

/** Milliseconds from the start of its lease within which a candidate may be promoted. */
const PROMOTE_WITHIN = 10 * MINUTE;
/**
 * Milliseconds from the start of its lease after which a candidate may be discarded and revoked: no
 * worker can be promoting it then. A removed target is vacated after the same time.
 */
export const DISCARD_AFTER = 15 * MINUTE;

/** The time from which a version is a candidate. */
export const leaseStart = ({ candidate, credential }: Version): Date =>
  candidate?.since ?? credential?.issuedAt ?? new Date(0);

/** The time until which a candidate may be promoted. */
export const leaseEnd = (version: Version): Date => plus(leaseStart(version), PROMOTE_WITHIN);

/** The time from which a candidate that was not promoted may be revoked. */
export function discardableFrom(version: Version, now: Date): Date {
  const end = plus(leaseStart(version), DISCARD_AFTER);
  return version.compromisedAt
    ? earliest(end, plus(latest(version.compromisedAt, now), MARGIN))
    : end;
}

/**
 * The time at which the credential of a superseded version is revoked, or deleted after the soak;
 * `undefined` if it has no end yet.
 */
export function endOf(target: Target, version: Version): Date | undefined {
  const soak = earlyEndFrom(version) || version.discarded ? 0 : target.soak;
  if (version.disabledAt) return plus(version.disabledAt, soak);
  const end = endOfLife(target, version);
  return end && (end.by === 'expiry' ? end.at : plus(end.at, soak));
}

/**
 * The version that a rollback makes current: the previous one, or else the youngest. It must not be
 * compromised or about to end.
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

/**
 * True if a rollback may make this version current: no worker can be ending it now, and it will not
 * be renewed at once.
 */
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

/** The time until which a rollback to that version is possible. */
export function rollbackUntil(target: Target, version: Version): Date | undefined {
  const end = version.disabledAt ? endOf(target, version) : endOfLife(target, version)?.at;
  return end && plus(end, -MARGIN);
}
