import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

/** The real time; `sleep` takes milliseconds. */
export const realClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};
