import { type Decision, decideIn, heldUntold, UNHEALTHY } from '../decide/index.ts';
import type { Target } from '../fleet/target.ts';
import { type Backoff, type Ledger, parseLedger, type Version } from '../ledger/index.ts';
import type { Snapshot } from '../ports.ts';
import type { Seen } from './seen.ts';
import { type Found, troublesOf } from './troubles.ts';

/**
 * Everything that the steps of a sweep need to know about one secret. A ledger is parsed once for
 * all of them, and facts are small: a sweep of 100,000 targets keeps them, and drops each page.
 */
export interface Facts {
  readonly decision: Decision;
  /** The decision if the refusals by its registry are in doubt; set only if that may differ. */
  readonly doubted?: Decision;
  /** When the current credential was issued, if there is one. */
  readonly issuedAt?: Date;
  /** When the latest credential for the target's parameters was issued, current or not. */
  readonly lastIssuedAt?: Date;
  /** The failures to supersede the current version. */
  readonly backoff?: Backoff;
  /** The refusals of the current version. */
  readonly refused?: NonNullable<Version['refused']>;
  /** A candidate is in progress. */
  readonly pending: boolean;
  /** A request waits, and its requester does not know that. */
  readonly untold: boolean;
  readonly troubles: readonly Found[];
}

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
