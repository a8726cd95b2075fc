import type { Target } from '../fleet/index.ts';
import { parseLedger } from '../ledger/index.ts';
import type { Snapshot } from '../ports.ts';
import { formatDuration, MINUTE, plus } from '../time.ts';
import { rules } from './rules.ts';
import { type Decision, type Due, NEVER, type Situation } from './situation.ts';

export {
  accountFaults,
  backoffEnd,
  isPaused,
  lacksRoom,
  PAUSED_AFTER,
  pauseAfter,
  revokeBackoffEnd,
} from './backoff.ts';
export { heldUntold } from './held.ts';
export {
  discardableFrom,
  endOf,
  leaseEnd,
  mayComeBack,
  rollbackCandidate,
  rollbackUntil,
} from './lease.ts';
export { labelsNeeded, limitOf } from './limits.ts';
export { UNHEALTHY } from './reasons.ts';
export { wanted } from './rotation.ts';
export { roomNeeded } from './rules/ends.ts';
export { wasRolledBack } from './rules/rollbacks.ts';
export { staleLabelsOf } from './rules/tidy.ts';
export type { Action, Decision, Due, End, Reason, Situation } from './situation.ts';
export { earlyEndFrom, endOfLife, MARGIN, NEVER, reach, revocationTime } from './situation.ts';

/** The next run, with the next sweep, retries what this run could not do. */
const NEXT_RUN = 5 * MINUTE;

/** The facts that `decide` uses in addition to the ledger. */
export interface Circumstances {
  /** The registry refuses every login: see `Situation.doubted`. */
  readonly doubted?: boolean | undefined;
  /** True for work that this run has tried already. It does not delay the work after it. */
  readonly tried?: (due: Due) => boolean;
}

/**
 * Decides what to do about a target now, and why. Pure. The sweep, the worker, `plan` and `status`
 * all call it; the worker calls it again after each step, until it returns `wait`.
 */
export function decide(
  target: Target,
  snapshot: Snapshot | undefined,
  now: Date,
  { doubted, tried }: Circumstances = {},
): Decision {
  return snapshot
    ? decideIn({ target, ledger: parseLedger(snapshot), now, doubted }, tried)
    : missing(`the secret ${target.secret} does not exist; deploy it, or create it empty`);
}

/** The same, for a ledger that was parsed before. */
export function decideIn(
  situation: Situation,
  tried: (due: Due) => boolean = () => false,
): Decision {
  const { target, ledger, now } = situation;
  if (ledger.deleted)
    return missing(
      `the secret ${target.secret} is scheduled for deletion; ` +
        'restore it, or take the target out of the fleet',
    );
  const dues = agenda(situation).map((due) =>
    due.at <= now && tried(due)
      ? ({ ...due, at: plus(now, NEXT_RUN), gate: 'tried' } as const)
      : due,
  );
  const due = dues.find(({ at }) => at <= now);
  if (due) return due;
  const [next] = [...dues].sort((a, b) => Number(a.at) - Number(b.at));
  if (!next) return { action: 'wait', reason: 'waiting', message: 'nothing is due' };
  const reason = next.gate ?? 'waiting';
  if (next.at >= NEVER) return { action: 'wait', reason, message: next.message, next };
  return {
    action: 'wait',
    reason,
    message: `${next.message}; in ${formatDuration(Number(next.at) - Number(now))}`,
    at: next.at,
    next,
  };
}

/** Everything that is or will be due, in the order of priority. */
export const agenda = (situation: Situation): Due[] => rules.flatMap((rule) => rule(situation));

const missing = (message: string): Decision => ({
  action: 'wait',
  reason: 'secret-missing',
  message,
});
