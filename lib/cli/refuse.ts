import { decide, MARGIN, revocationTime, rollbackCandidate } from '../core/decide/index.ts';
import { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Target } from '../core/fleet/index.ts';
import { type Ledger, parseLedger } from '../core/ledger/index.ts';
import type { Snapshot } from '../core/ports.ts';
import { formatDuration, MINUTE, plus } from '../core/time.ts';

/** Throws what the ledger can already say against a request; the worker looks again. */
export function refuseImpossible(
  type: InboundType,
  target: Target,
  snapshot: Snapshot | undefined,
  now: Date,
): Ledger {
  const { action, reason, message } = decide(target, snapshot, now);
  if (!snapshot || (action === 'wait' && reason === 'secret-missing'))
    throw new RekeyError('secret-missing', `${target.name}: ${message}`);
  const ledger = parseLedger(snapshot);
  const leak = type === 'Credential Compromised' || type === 'Compromise Confirmed';
  if (leak && !ledger.versions.some(({ credential }) => credential)) {
    throw new RekeyError(
      'not-found',
      `${target.name}: no version of ${target.secret} holds a credential of rekey's, so there is none to revoke; end the one that leaked at the provider`,
    );
  }
  if (type === 'Rollback Requested') refuseRollback(target, ledger, now);
  return ledger;
}

function refuseRollback(target: Target, ledger: Ledger, now: Date): void {
  const { current, pending } = ledger;
  // it was requested before: this request follows that one
  if (current?.rollback) return;
  if (pending)
    throw new RekeyError(
      'no-rollback',
      `${target.name}: a rotation is in progress; try again when it is done`,
    );
  if (rollbackCandidate(target, ledger, now)) return;
  throw new RekeyError(
    'no-rollback',
    `${target.name}: cannot roll back: no previous credential qualifies; it has to be alive, must not be compromised, and must not end within 5 minutes`,
  );
}

/**
 * A worker may be revoking the credential around the end of its grace. The queue keeps the two
 * apart; a command that acts in this process goes past the queue, so it stays away by the margin,
 * before and after.
 */
export function refuseNearEnd(target: Target, ledger: Ledger, now: Date): void {
  const candidate = rollbackCandidate(target, ledger, now);
  const end = candidate && revocationTime(target, candidate);
  if (!end || Math.abs(Number(end) - Number(now)) >= MARGIN) return;
  const margin = formatDuration(MARGIN);
  throw new RekeyError(
    'no-rollback',
    `${target.name}: the grace of the previous credential ends at ${end.toISOString()}, and --in-process keeps ${margin} away from it; leave out --in-process, or try again at ${plus(end, MARGIN).toISOString()}`,
  );
}

const TOLERATED = MINUTE;

/**
 * Throws if this machine's clock is not AWS's: acting by it would revoke credentials at the wrong
 * time.
 */
export function refuseWrongClock(skew: number | undefined): void {
  if (skew !== undefined && Math.abs(skew) <= TOLERATED) return;
  const what =
    skew === undefined
      ? 'AWS did not tell its time, so the clock of this machine cannot be checked'
      : `the clock of this machine is ${formatDuration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} AWS's; set it right`;
  throw new RekeyError(
    'aws-failed',
    `nothing was done: ${what} (at most ${formatDuration(TOLERATED)} is tolerated)`,
  );
}
