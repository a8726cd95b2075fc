import type { Decision } from '../../core/decide/index.ts';
import type { Fleet, Target } from '../../core/fleet/index.ts';
import { parseLedger } from '../../core/ledger.ts';
import type { Engine } from '../../core/reconcile/index.ts';
import { sweep } from '../../core/sweep.ts';
import { earliest } from '../../core/time.ts';
import type { WarpClock } from '../clock.ts';

export interface Life {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly clock: WarpClock;
  /** Hands targets to the workers, and comes back when they are through. */
  readonly work: (targets: readonly Target[]) => Promise<void>;
  /** Called whenever time goes on. */
  readonly tick: (now: Date) => Promise<void> | void;
}

/**
 * The whole life of every target: issued, rotated once, the one before revoked, proven dead and deleted. Sweeps, works,
 * and lets time go on to whatever is due next. Rotates no target twice.
 */
export async function live({ fleet, engine, clock, work, tick }: Life): Promise<void> {
  for (let round = 0; round < 1_000; round++) {
    const { targets } = await sweep(engine, fleet);
    const going = targets.filter(({ snapshot, decision }) => !through(snapshot && parseLedger(snapshot), decision));
    const due = going.filter(({ decision }) => decision.action !== 'wait');
    if (due.length > 0) {
      await work(due.map(({ target }) => target));
      continue;
    }
    const times = going.flatMap(({ decision }) => (decision.at ? [decision.at] : []));
    if (times.length === 0) return;
    clock.jumpTo(earliest(...times));
    await tick(clock.now());
  }
  throw new Error('the fleet did not come to rest');
}

/** Rotated once, and nothing is left to do but the next rotation, or to tidy up. */
function through(ledger: ReturnType<typeof parseLedger> | undefined, decision: Decision): boolean {
  const reason = ledger?.current?.credential?.reason;
  if (!reason || reason === 'never-issued' || decision.action !== 'wait') return false;
  return decision.next?.action === 'rotate' || decision.next?.action === 'forget';
}
