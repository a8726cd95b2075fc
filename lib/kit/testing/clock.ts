import type { Clock } from '../../core/ports.ts';
import { plus } from '../../core/time.ts';

/** A clock that stands still until `advance` moves it. */
export interface ManualClock extends Clock {
  /** Moves the time forward, in milliseconds. */
  advance(ms: number): void;
}

/** A clock that stands still. To sleep on it takes no time, and moves it forward. */
export function manualClock(start = new Date('2030-01-01T00:00:00Z')): ManualClock {
  let now = start;
  const advance = (ms: number) => {
    now = plus(now, ms);
  };
  return { now: () => now, advance, sleep: async (ms) => advance(ms) };
}
