import type { Target } from '../fleet/index.ts';
import type { Ledger, Version } from '../ledger/index.ts';
import { earliest, MINUTE, plus } from '../time.ts';

/**
 * The facts that a rule sees: the target, its ledger and the time. It sees nothing else, so
 * `decide` is pure.
 */
export interface Situation {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly now: Date;
  /** The registry refuses every login, so its refusal of the current credential means nothing. */
  readonly doubted?: boolean | undefined;
}

/** The actions of `reconcile` on a target. */
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

/** The reason of a decision. Events, logs, metrics and the ledger use the same words. */
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

/** An action that is due at a time, which may be in the future. */
export interface Due {
  readonly action: Action;
  readonly reason: Reason;
  readonly message: string;
  readonly at: Date;
  /** The cause of waiting, if the action waits longer than its reason requires. */
  readonly gate?: Reason;
  /** The version that it applies to. */
  readonly version?: Version;
}

/**
 * The result of `decide`: an action that is due now, or `wait` until `at`. Without `at`, nothing is
 * due at a known time. `next`: the action that it waits for.
 */
export type Decision =
  | Due
  | {
      readonly action: 'wait';
      readonly reason: Reason;
      readonly message: string;
      readonly at?: Date;
      readonly next?: Due;
    };

/** One rule of the policy: returns the actions that are due, now or later. */
export type Rule = (situation: Situation) => readonly Due[];

/** A time before every other one: an action at this time is due now (1970-01-01). */
export const ALWAYS = new Date(0);
/**
 * The latest time that a `Date` can hold (8.64e15 ms, ECMA-262): an action at this time does not
 * become due as time passes.
 */
export const NEVER = new Date(8.64e15);

/** The end of a superseded credential. */
export interface End {
  readonly at: Date;
  readonly by: 'revocation' | 'expiry';
}

/**
 * The time at which a superseded credential stops working, as the events announce it and as
 * `revoke` uses it. A compromise brings it forward, and the credential's expiry bounds it;
 * `undefined` if it was not retired yet.
 */
export function endOfLife(target: Target, version: Version): End | undefined {
  const { revokeAfter, discarded, credential } = version;
  const earlyFrom = earlyEndFrom(version);
  if (!revokeAfter) return undefined;
  const { expiresAt, place } = credential ?? {};
  if (!isRevocable(target, place)) return { at: expiresAt ?? revokeAfter, by: 'expiry' };
  // no consumer received a discarded credential: it has no grace
  const brought = earlyFrom && earliest(revokeAfter, plus(earlyFrom, target.compromisedGrace));
  const at = discarded?.at ?? brought ?? revokeAfter;
  return expiresAt && expiresAt < at ? { at: expiresAt, by: 'expiry' } : { at, by: 'revocation' };
}

/**
 * The time from which a credential ends early: it was reported as compromised, and the report does
 * not wait for a confirmation.
 */
export const earlyEndFrom = ({ compromisedAt, confirmation }: Version): Date | undefined =>
  confirmation === 'awaited' ? undefined : compromisedAt;

/**
 * The largest difference between two workers that act on one secret at the same time: longer than a
 * call takes to fail.
 */
export const MARGIN = 5 * MINUTE;

/** The time at which a superseded credential is revoked, or has expired and is checked. */
export const revocationTime = (target: Target, version: Version): Date | undefined =>
  endOfLife(target, version)?.at;

/**
 * Finds where a credential lives: at the target's own place, at a former one (its index), or at one
 * that the fleet file no longer names (`undefined`).
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
