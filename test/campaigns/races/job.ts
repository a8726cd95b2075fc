import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../../../lib/core/fleet/index.ts';
import type { Clock } from '../../../lib/core/ports.ts';
import type { Engine } from '../../../lib/core/reconcile/index.ts';

/** The input of a worker process. It holds no secret. */
export interface Job {
  readonly aws: string;
  readonly endpoints: NonNullable<Engine['endpoints']>;
  readonly target: Target;
  /** Milliseconds by which its clock is ahead of the real one. */
  readonly offset: number;
}

/** The worker's report. */
export interface Report {
  readonly done: readonly string[];
  /** Code of an error after which it left the rest to others. */
  readonly lost?: string;
  /** An error that is not one of rekey's. */
  readonly problem?: string | undefined;
}

/** The real time plus an offset. Sleeps take real time. */
export const shiftedClock = (offset: () => number): Clock => ({
  now: () => new Date(Date.now() + offset()),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
});
