import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

/** A simulated clock that can move forward and then change over to real time. */
export interface WarpClock extends Clock {
  /** Moves time forward to `date`, never back. */
  jumpTo(date: Date): void;
  /** Follows the real time from now on. */
  followRealTime(): void;
}

/** A clock that stands still and jumps ahead as soon as code sleeps: a month passes in seconds. */
export function warpClock(start: Date): WarpClock {
  let time = start.getTime();
  let real = false;
  return {
    now: () => (real ? new Date() : new Date(time)),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      if (real) return delay(ms, undefined, signal ? { signal } : {});
      time += ms;
      // lets other sleepers that wait for the same moment continue
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
