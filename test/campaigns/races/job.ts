import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from '../../../lib/core/fleet/index.ts';
import type { Clock } from '../../../lib/core/ports.ts';
import type { Engine } from '../../../lib/core/reconcile/index.ts';

/** What a worker process is told. No secret is in it. */
export interface Job {
  readonly aws: string;
  readonly endpoints: NonNullable<Engine['endpoints']>;
  readonly target: Target;
  /** By how many milliseconds its clock is ahead of the real one. */
  readonly offset: number;
}

/** What it answers. */
export interface Report {
  readonly done: readonly string[];
  /** Code of an error: it left the rest to others. */
  readonly lost?: string;
  /** It threw what is no error of rekey's. */
  readonly problem?: string | undefined;
}

/** The real time and a little more; who sleeps, sleeps. */
export const shiftedClock = (offset: () => number): Clock => ({
  now: () => new Date(Date.now() + offset()),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
});
