import type { Target } from '../fleet/target.ts';
import type { Snapshot } from '../ports.ts';

/** A target, and its secret if it exists and may be described. */
export interface Seen {
  readonly target: Target;
  readonly snapshot: Snapshot | undefined;
}
