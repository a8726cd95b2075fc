import { createHash } from 'node:crypto';
import { MINUTE } from '../time.ts';

/**
 * True if a task that repeats every `every` milliseconds came due in the last `minutes`. No state
 * is kept: each name has its own point in the period, so that a fleet is spread. A missed sweep
 * skips the tasks that fell into it.
 */
export function cameDue(name: string, every: number, now: Date, minutes: number): boolean {
  if (every <= 0) return false;
  const share = createHash('sha256').update(`cadence/${name}`).digest().readUInt32BE(0) / 2 ** 32;
  const period = (time: number) => Math.floor((time - share * every) / every);
  return period(now.getTime()) !== period(now.getTime() - minutes * MINUTE);
}

/**
 * How many sweeps ago it last came due, within the given number of sweeps before this one;
 * `undefined` if it did not.
 */
export function lastDue(
  name: string,
  every: number,
  now: Date,
  { minutes, sweeps }: { readonly minutes: number; readonly sweeps: number },
): number | undefined {
  for (let ago = 1; ago <= sweeps; ago++) {
    if (cameDue(name, every, new Date(now.getTime() - ago * minutes * MINUTE), minutes)) return ago;
  }
  return undefined;
}
