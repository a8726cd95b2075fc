import type { Target } from '../fleet/target.ts';
import type { Snapshot } from '../ports.ts';

/** A target, and its secret if there is one that may be looked at. */
export interface Seen {
  readonly target: Target;
  readonly snapshot: Snapshot | undefined;
}
