import type { Decision } from '../../core/decide/index.ts';
import type { Fleet, Target } from '../../core/fleet/index.ts';
import { parseLedger, superseded } from '../../core/ledger/index.ts';
import type { Snapshot } from '../../core/ports.ts';
import type { Engine } from '../../core/reconcile/index.ts';
import { sweep } from '../../core/sweep/index.ts';
import { DAY, earliest, plus } from '../../core/time.ts';
import type { WarpClock } from '../clock.ts';

interface Life {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly clock: WarpClock;
  /** Hands targets to the workers. Resolves when they are done. */
  readonly work: (targets: readonly Target[]) => Promise<void>;
  /** Called each time the clock moves on. */
  readonly tick: (now: Date) => Promise<void> | void;
}

/** After this many failures in a row a target is left as it is, and the audit reports it. */
const GIVE_UP = 3;

/** Upper bound of one life. */
const span = ({ interval, grace, soak }: Target): number => interval + grace + soak;

/** Upper bound for the whole fleet. */
export const longestLife = ({ targets }: Fleet): number => Math.max(...targets.map(span)) + 2 * DAY;

/**
 * The whole life of every target: issued, rotated once, the previous credential ended and proven
 * dead. Sweeps, works, and moves time on to the next due work. Targets with lives of hours begin
 * when targets with lives of months are nearly done, so that all of them are fresh in the end.
 */
export async function live({ fleet, engine, clock, work, tick }: Life): Promise<void> {
  const longest = Math.max(...fleet.targets.map(span));
  const born = clock.now();
  const begins = (target: Target): Date => plus(born, longest - span(target));
  for (let round = 0; round < 10_000; round++) {
    const now = clock.now();
    const { targets } = await sweep(engine, fleet);
    const going = targets.filter(({ snapshot, decision }) => !through(snapshot, decision));
    const begun = going.filter(({ target }) => begins(target) <= now);
    const due = begun.filter(({ decision }) => decision.action !== 'wait');
    if (due.length > 0) {
      await work(due.map(({ target }) => target));
      continue;
    }
    const times = going.flatMap(({ target, decision }) => {
      if (begins(target) > now) return [begins(target)];
      return decision.action === 'wait' && decision.at ? [decision.at] : [];
    });
    if (times.length === 0) return;
    clock.jumpTo(earliest(...times));
    await tick(clock.now());
  }
  throw new Error('the fleet did not settle');
}

/** Rotated once, nothing old alive, and nothing to do now; or failing for good. */
function through(snapshot: Snapshot | undefined, decision: Decision): boolean {
  if (!snapshot) return true;
  const { current, versions } = parseLedger(snapshot);
  const failures = Math.max(
    0,
    ...versions.flatMap(({ backoff, revokeBackoff }) => [
      backoff?.failures ?? 0,
      revokeBackoff?.failures ?? 0,
    ]),
  );
  if (failures >= GIVE_UP) return true;
  const reason = current?.credential?.reason;
  return (
    reason !== undefined &&
    reason !== 'never-issued' &&
    decision.action === 'wait' &&
    !versions.some(superseded)
  );
}
