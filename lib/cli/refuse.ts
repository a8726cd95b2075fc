import { decide, MARGIN, revocationTime, rollbackCandidate } from '../core/decide/index.ts';
import { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Target } from '../core/fleet/index.ts';
import { type Ledger, parseLedger } from '../core/ledger/index.ts';
import type { Snapshot } from '../core/ports.ts';
import { formatDuration, MINUTE, plus } from '../core/time.ts';

/**
 * Throws if the ledger already shows that a request is impossible: `secret-missing`, `not-found` or
 * `no-rollback`. The worker checks again. Returns the ledger.
 */
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
      [
        `${target.name}: no version of ${target.secret} has a credential of rekey's,`,
        'so there is none to revoke; end the leaked credential at the provider',
      ].join(' '),
    );
  }
  if (type === 'Rollback Requested') refuseRollback(target, ledger, now);
  return ledger;
}

function refuseRollback(target: Target, ledger: Ledger, now: Date): void {
  const { current, pending } = ledger;
  // a rollback was requested before, and this request joins it
  if (current?.rollback) return;
  if (pending)
    throw new RekeyError(
      'no-rollback',
      `${target.name}: a rotation is in progress; try again when it is done`,
    );
  if (rollbackCandidate(target, ledger, now)) return;
  throw new RekeyError(
    'no-rollback',
    [
      `${target.name}: cannot roll back: no previous credential qualifies;`,
      'it has to be alive, must not be compromised, and must not end within 5 minutes',
    ].join(' '),
  );
}

/**
 * Throws `no-rollback` close to the end of the previous credential's grace, when a worker may be
 * revoking it. The queue would keep the two apart, but a command with `--in-process` bypasses it,
 * so it keeps a margin before and after.
 */
export function refuseNearEnd(target: Target, ledger: Ledger, now: Date): void {
  const candidate = rollbackCandidate(target, ledger, now);
  const end = candidate && revocationTime(target, candidate);
  if (!end || Math.abs(Number(end) - Number(now)) >= MARGIN) return;
  const margin = formatDuration(MARGIN);
  throw new RekeyError(
    'no-rollback',
    [
      `${target.name}: the grace of the previous credential ends at ${end.toISOString()},`,
      `and --in-process keeps ${margin} away from it;`,
      `leave out --in-process, or try again at ${plus(end, MARGIN).toISOString()}`,
    ].join(' '),
  );
}

const TOLERATED = MINUTE;

/**
 * Throws `aws-failed` if this machine's clock differs from AWS's: a wrong clock would revoke
 * credentials at the wrong time. `skew` is in milliseconds.
 */
export function refuseWrongClock(skew: number | undefined): void {
  if (skew !== undefined && Math.abs(skew) <= TOLERATED) return;
  const off =
    skew !== undefined &&
    `${formatDuration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} AWS's`;
  const what = off
    ? `the clock of this machine is ${off}; correct it`
    : 'AWS did not send its time, so the clock of this machine cannot be checked';
  throw new RekeyError(
    'aws-failed',
    `nothing was done: ${what} (the tolerance is ${formatDuration(TOLERATED)})`,
  );
}
