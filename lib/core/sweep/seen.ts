import type { Decision } from '../decide/index.ts';
import type { Target } from '../fleet/target.ts';
import type { Backoff, Version } from '../ledger/index.ts';
import type { Snapshot } from '../ports.ts';
import type { Found } from './troubles.ts';

/**
 * Everything that the steps of a sweep need to know about one secret. A ledger is parsed once for
 * all of them, and facts are small: a sweep of 100,000 targets keeps them, and drops each page.
 */
export interface Facts {
  readonly decision: Decision;
  /** The decision if the refusals by its registry are in doubt; set only if that may differ. */
  readonly doubted?: Decision;
  /** When the current credential was issued, if there is one, in milliseconds. */
  readonly issuedAt?: number;
  /**
   * When the latest credential for the target's parameters was issued, current or not. Numbers take
   * a sixth of the memory of dates.
   */
  readonly lastIssuedAt?: number;
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

/** A target, and its secret if it exists and may be described. */
export interface Seen {
  readonly target: Target;
  /** Absent also in a sweep that keeps only the facts. */
  readonly snapshot: Snapshot | undefined;
  /** The facts of the snapshot, if they were read before. */
  readonly facts?: Facts | undefined;
}
