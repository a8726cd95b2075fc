import { createHash } from 'node:crypto';
import { MINUTE } from '../time.ts';

/**
 * Whether something that is to happen every `every` milliseconds came due in the last `minutes`.
 * Nothing is remembered: each name has a point of its own in the period, so that a fleet is spread,
 * and a sweep that was missed leaves out what fell into it.
 */
export function cameDue(name: string, every: number, now: Date, minutes: number): boolean {
  if (every <= 0) return false;
  const share = createHash('sha256').update(`cadence/${name}`).digest().readUInt32BE(0) / 2 ** 32;
  const period = (time: number) => Math.floor((time - share * every) / every);
  return period(now.getTime()) !== period(now.getTime() - minutes * MINUTE);
}

/** How many sweeps ago it came due last, of so many before this one; `undefined` if it did not. */
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
