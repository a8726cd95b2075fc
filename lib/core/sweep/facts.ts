import { type Decision, decideIn, heldUntold, type Reason, UNHEALTHY } from '../decide/index.ts';
import type { Target } from '../fleet/target.ts';
import { type Ledger, parseLedger, type Version } from '../ledger/index.ts';
import type { Snapshot } from '../ports.ts';
import type { Facts, Seen } from './seen.ts';
import { troublesOf } from './troubles.ts';

/** Reads the facts in a snapshot. */
export function readFacts(target: Target, snapshot: Snapshot, now: Date): Facts {
  const ledger = parseLedger(snapshot);
  const situation = { target, ledger, now };
  const { credential, backoff, refused } = ledger.current ?? {};
  const lastIssuedAt = lastIssued(ledger, target);
  const decision = decideIn(situation);
  return {
    decision,
    ...(isUnhealthy(refused) && { doubted: decideIn({ ...situation, doubted: true }) }),
    ...(credential && { issuedAt: Number(credential.issuedAt) }),
    ...(lastIssuedAt && { lastIssuedAt }),
    ...(backoff && { backoff }),
    ...(refused && { refused }),
    pending: ledger.pending !== undefined,
    untold: !ledger.deleted && heldUntold(situation) !== undefined,
    troubles: ledger.deleted ? [] : troublesOf(situation),
  };
}

/** The facts about a target; `undefined` if its secret is missing. */
export const factsOf = ({ target, snapshot, facts }: Seen, now: Date): Facts | undefined =>
  facts ?? (snapshot && readFacts(target, snapshot, now));

/** True if the registry refused it often enough to be believed. */
export const isUnhealthy = (refused: Version['refused']): boolean =>
  (refused?.times ?? 0) >= UNHEALTHY;

function lastIssued({ versions }: Ledger, { spec }: Target): number | undefined {
  const times = versions.flatMap(({ credential }) =>
    credential?.spec === spec ? [Number(credential.issuedAt)] : [],
  );
  return times.length > 0 ? Math.max(...times) : undefined;
}

/**
 * Facts that keep nothing of the snapshot alive: their decision names no version, and waits without
 * a time.
 */
export const compact = ({ decision, doubted, ...facts }: Facts): Facts => ({
  ...facts,
  decision: compactDecision(decision),
  ...(doubted && { doubted: compactDecision(doubted) }),
});

/** The same object for all targets that wait for the same reason. */
const waits = new Map<Reason, Decision>();

function compactDecision(decision: Decision): Decision {
  const { reason, message } = decision;
  if (decision.action !== 'wait')
    return { action: decision.action, reason, message, at: decision.at };
  // the measures name its cause
  if (reason === 'secret-missing') return decision;
  const wait = waits.get(reason) ?? { action: decision.action, reason, message: reason };
  waits.set(reason, wait);
  return wait;
}
