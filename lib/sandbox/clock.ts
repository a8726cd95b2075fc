import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

export interface WarpClock extends Clock {
  /** Time goes on to `date`; never back. */
  jumpTo(date: Date): void;
  /** From here on it is the real time. */
  followRealTime(): void;
}

/**
 * A clock that stands still until somebody sleeps, and then is later at once: a month passes in
 * seconds.
 */
export function warpClock(start: Date): WarpClock {
  let time = start.getTime();
  let real = false;
  return {
    now: () => (real ? new Date() : new Date(time)),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      if (real) return delay(ms, undefined, signal ? { signal } : {});
      time += ms;
      // lets whoever else waits for the same moment go on
      await new Promise((resolve) => setImmediate(resolve));
    },
    jumpTo(date) {
      time = Math.max(time, date.getTime());
    },
    followRealTime() {
      real = true;
    },
  };
}
