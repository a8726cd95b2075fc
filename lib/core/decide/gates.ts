import { nextOpening } from '../fleet/window.ts';
import { superseded } from '../ledger/index.ts';
import { latest } from '../time.ts';
import { backoffEnd, isPaused } from './backoff.ts';
import { limitOf } from './limits.ts';
import type { Need } from './reasons.ts';
import { type Due, NEVER, type Reason, type Situation } from './situation.ts';

/** The time until which a rotation has to wait, and the cause. */
interface Hold {
  readonly until: Date;
  readonly gate: Reason;
}

/** One cause of waiting. `at`: when the rotation is due as far as the previous gates allow it. */
type Gate = (need: Need, situation: Situation, at: Date) => Hold | undefined;

const backingOff: Gate = (_, { target, ledger, now }) => {
  const until = backoffEnd(target, ledger, now);
  const { backoff } = ledger.current ?? {};
  if (!until || !backoff) return undefined;
  return { until, gate: isPaused(backoff, until) ? 'paused' : 'backing-off' };
};

const registryDoubted: Gate = ({ reason }, { doubted }) =>
  doubted && reason === 'unhealthy' ? { until: NEVER, gate: 'registry-doubted' } : undefined;

const rolledBack: Gate = ({ urgent }, { ledger: { current, versions } }) => {
  if (urgent) return undefined;
  const ends = versions
    .filter(superseded)
    .filter(({ rollback }) => rollback && rollback.to === current?.id)
    .flatMap(({ revokeAfter }) => revokeAfter ?? []);
  return ends.length > 0 ? { until: latest(...ends), gate: 'rolled-back' } : undefined;
};

const atLimit: Gate = ({ reason }, { target, ledger, now }) => {
  const limit = limitOf(target, ledger, now, reason);
  // without a known end the rotation is tried: its failure is announced, and starts a backoff
  return limit?.until && { until: limit.until, gate: limit.reason };
};

const windowClosed: Gate = ({ urgent }, { target: { window }, now }, at) => {
  const until = urgent || !window || at >= NEVER ? undefined : nextOpening(window, latest(at, now));
  return until && { until, gate: 'outside-window' };
};

/** The causes of waiting, in order: each may postpone a rotation further than the previous ones. */
export const gates: readonly Gate[] = [
  backingOff, // the last attempt failed
  registryDoubted, // the registry refuses every login: its refusal of this one means nothing
  // a person rolled back to this version, and the version rolled back from is still alive
  rolledBack,
  atLimit, // too soon, too many alive, or no room for labels: see limits.ts
  windowClosed, // the maintenance window is closed; last, since it opens after the other times
];

/** The rotation that meets a need, at the time the gates allow. */
export function gated(need: Need, situation: Situation): Due {
  const { reason, message, at } = need;
  const { current } = situation.ledger;
  let due: Due = { action: 'rotate', reason, message, at, ...(current && { version: current }) };
  for (const gate of gates) {
    const hold = gate(need, situation, due.at);
    if (hold && hold.until > due.at && hold.until > situation.now)
      due = { ...due, at: hold.until, gate: hold.gate };
  }
  return due;
}
