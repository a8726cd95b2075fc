import type { Request } from '../ledger/index.ts';
import { plus, SECOND } from '../time.ts';
import { criticalRotation, rotation } from './rotation.ts';
import type { Due, Reason, Situation } from './situation.ts';

/**
 * Gates that are not announced again: the failure was announced when it happened, with the time of
 * the next try.
 */
const announced: ReadonlySet<Reason> = new Set(['backing-off', 'paused', 'tried']);

/** A delay that ends this soon counts as no wait. */
const SOON = 10 * SECOND;

/** A request whose rotation waits, which the requester does not know yet. */
interface Held {
  readonly request: Request;
  readonly gate: Reason;
  /** When the rotation is due. */
  readonly at: Date;
}

/**
 * The request on the current version, if its rotation waits for a gate that was not announced to
 * the requester.
 */
export function heldUntold(situation: Situation): Held | undefined {
  const { requested, reported } = situation.ledger.current ?? {};
  const request = reported ?? requested;
  if (!request) return undefined;
  const reason = reported ? 'compromised' : 'requested';
  const [next] = [...criticalRotation(situation), ...rotation(situation)].filter(
    (due) => due.reason === reason && waits(due, situation.now),
  );
  if (!next?.gate || request.held === next.gate) return undefined;
  return { request, gate: next.gate, at: next.at };
}

const waits = ({ gate, at }: Due, now: Date): boolean =>
  gate !== undefined && !announced.has(gate) && at > plus(now, SOON);
