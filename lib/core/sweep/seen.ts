import type { Target } from '../fleet/target.ts';
import type { Snapshot } from '../ports.ts';
import type { Facts } from './facts.ts';

/** A target, and its secret if it exists and may be described. */
export interface Seen {
  readonly target: Target;
  /** Absent also in a sweep that keeps only the facts. */
  readonly snapshot: Snapshot | undefined;
  /** The facts of the snapshot, if they were read before. */
  readonly facts?: Facts | undefined;
}
