import type { Target } from '../fleet/index.ts';
import type { Ledger, Version } from '../ledger.ts';
import { earliest, plus } from '../time.ts';

export interface Situation {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly now: Date;
}

/** What `reconcile` can do to a target. */
export type Action =
  | 'announce'
  | 'finish'
  | 'discard'
  | 'retire'
  | 'rollback'
  | 'rotate'
  | 'revoke'
  | 'delete'
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
  | 'rollback-requested'
  | 'revocation-due'
  | 'soaked'
  | 'revocation-near'
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
  | 'asked'
  | 'rolled-back'
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
  | { readonly action: 'wait'; readonly reason: Reason; readonly message: string; readonly at?: Date; readonly next?: Due };

/** One rule: what it finds due, now or later. */
export type Check = (situation: Situation) => readonly Due[];

export const ALWAYS = new Date(0);
export const NEVER = new Date(8.64e15);

/**
 * When a superseded version is to be revoked; `undefined` while it was not retired. A compromise brings it forward. What can
 * only expire is looked at when it has.
 */
export function revocationTime(target: Target, { revokeAfter, compromisedAt, credential }: Version): Date | undefined {
  if (!revokeAfter) return undefined;
  if (!target.revocable) return credential?.expiresAt ?? revokeAfter;
  return compromisedAt ? earliest(revokeAfter, plus(compromisedAt, target.compromisedGrace)) : revokeAfter;
}
