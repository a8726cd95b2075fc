import { type Decision, decideIn, heldUntold, UNHEALTHY } from '../decide/index.ts';
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
    ...(credential && { issuedAt: credential.issuedAt }),
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

function lastIssued({ versions }: Ledger, { spec }: Target): Date | undefined {
  let last: Date | undefined;
  for (const { credential } of versions) {
    if (credential?.spec === spec && !(last && last >= credential.issuedAt))
      last = credential.issuedAt;
  }
  return last;
}

/** Facts whose decision names no version: they keep nothing of the snapshot alive. */
export const withoutVersions = ({ decision, doubted, ...facts }: Facts): Facts => ({
  ...facts,
  decision: withoutVersion(decision),
  ...(doubted && { doubted: withoutVersion(doubted) }),
});

function withoutVersion(decision: Decision): Decision {
  const { action, reason, message, at } = decision;
  if (action !== 'wait') return { action, reason, message, at };
  return { action, reason, message, ...(at && { at }) };
}
