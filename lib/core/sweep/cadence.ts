import { share } from '../ids/share.ts';
import { MINUTE } from '../time.ts';

/**
 * True if a task that repeats every `every` milliseconds came due in the last `minutes`. No state
 * is kept: each name has its own point in the period, so that a fleet is spread. A missed sweep
 * skips the tasks that fell into it.
 */
export function cameDue(name: string, every: number, now: Date, minutes: number): boolean {
  return every > 0 && isDue(name, every)(Number(now), minutes * MINUTE);
}

/** True if it came due in the `ms` before a time. The name is hashed once. */
function isDue(name: string, every: number): (time: number, ms: number) => boolean {
  const offset = share(`cadence/${name}`) * every;
  const period = (time: number) => Math.floor((time - offset) / every);
  return (time, ms) => period(time) !== period(time - ms);
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
  if (every <= 0) return undefined;
  const due = isDue(name, every);
  const ms = minutes * MINUTE;
  for (let ago = 1; ago <= sweeps; ago++) if (due(Number(now) - ago * ms, ms)) return ago;
  return undefined;
}
