import type { Target } from '../fleet/index.ts';
import type { Ledger, Version } from '../ledger/index.ts';
import { earliest, MINUTE, plus } from '../time.ts';

export interface Situation {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly now: Date;
  /** The whole registry refuses everybody: that it refuses the current credential says nothing. */
  readonly doubted?: boolean | undefined;
}

/** What `reconcile` can do to a target. */
export type Action =
  | 'announce'
  | 'report'
  | 'enable'
  | 'finish'
  | 'discard'
  | 'retire'
  | 'vacate'
  | 'rollback'
  | 'rotate'
  | 'revoke'
  | 'delete'
  | 'abandon'
  | 'warn'
  | 'check'
  | 'forget';

/** Why. The same words are in events, logs, metrics and in the ledger. */
export type Reason =
  | 'never-issued'
  | 'compromised'
  | 'requested'
  | 'expiring'
  | 'too-old'
  | 'spec-changed'
  | 'half-done'
  | 'stale-candidate'
  | 'unannounced'
  | 'not-retired'
  | 'current-disabled'
  | 'rollback-requested'
  | 'rollback-overtaken'
  | 'revocation-due'
  | 'soaked'
  | 'room-needed'
  | 'unproven'
  | 'revocation-near'
  | 'unconfirmed'
  | 'target-removed'
  | 'unhealthy'
  | 'refused-once'
  | 'cadence'
  | 'untidy'
  | 'waiting'
  | 'backing-off'
  | 'paused'
  | 'outside-window'
  | 'too-soon'
  | 'rolled-back'
  | 'registry-doubted'
  | 'tried'
  | 'too-many-alive'
  | 'label-limit'
  | 'secret-missing';

/** Something that is due at a time, which may have come or not. */
export interface Due {
  readonly action: Action;
  readonly reason: Reason;
  readonly message: string;
  readonly at: Date;
  /** What holds it back until `at`, when that is later than its reason alone would have it. */
  readonly gate?: Reason;
  /** The version it is about. */
  readonly version?: Version;
}

export type Decision =
  | Due
  | {
      readonly action: 'wait';
      readonly reason: Reason;
      readonly message: string;
      readonly at?: Date;
      readonly next?: Due;
    };

/** One rule: what it finds due, now or later. */
export type Rule = (situation: Situation) => readonly Due[];

export const ALWAYS = new Date(0);
export const NEVER = new Date(8.64e15);

/** How the life of a superseded credential ends, and when. */
export interface End {
  readonly at: Date;
  readonly by: 'revocation' | 'expiry';
}

/**
 * When a superseded credential stops working: what its label, the events and the decision to revoke
 * it go by. A compromise brings it forward, its own expiry bounds it; `undefined` while it was not
 * retired.
 */
export function endOfLife(target: Target, version: Version): End | undefined {
  const { revokeAfter, discarded, credential } = version;
  const earlyFrom = earlyEndFrom(version);
  if (!revokeAfter) return undefined;
  const { expiresAt, place } = credential ?? {};
  if (!isRevocable(target, place)) return { at: expiresAt ?? revokeAfter, by: 'expiry' };
  // nobody was given one that was discarded: it has no grace
  const brought = earlyFrom && earliest(revokeAfter, plus(earlyFrom, target.compromisedGrace));
  const at = discarded?.at ?? brought ?? revokeAfter;
  return expiresAt && expiresAt < at ? { at: expiresAt, by: 'expiry' } : { at, by: 'revocation' };
}

/**
 * Since when it is to end early: it was reported as compromised, and does not wait for anybody to
 * confirm that.
 */
export const earlyEndFrom = ({ compromisedAt, confirmation }: Version): Date | undefined =>
  confirmation === 'awaited' ? undefined : compromisedAt;

/**
 * How far two workers that act on one secret at the same time may be apart: longer than a call
 * takes to fail.
 */
export const MARGIN = 5 * MINUTE;

/** When there is something to do about the end of a superseded credential. */
export const revocationTime = (target: Target, version: Version): Date | undefined =>
  endOfLife(target, version)?.at;

/**
 * Where a credential lives: the target's own place, one of its former ones, or none that is known
 * any more.
 */
export function reach(target: Target, place: string | undefined): 'own' | number | undefined {
  if (place === undefined || place === target.place) return 'own';
  const index = (target.former ?? []).findIndex((former) => former.place === place);
  return index < 0 ? undefined : index;
}

function isRevocable(target: Target, place: string | undefined): boolean {
  const where = reach(target, place);
  if (typeof where === 'number') return target.former?.[where]?.revocable ?? true;
  return where === undefined || target.revocable;
}
