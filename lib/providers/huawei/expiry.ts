import { HOUR, plus } from '../../core/time.ts';

/**
 * The expiry of a credential that was issued a moment ago: the time that Huawei says, if it is one
 * and neither past nor later than `lifetime` (milliseconds) allows; else a lifetime from now. A
 * credential without an end must not be taken for one that has an end, nor the other way round.
 */
export function expiry(answered: string | null | undefined, now: Date, lifetime: number): Date {
  const longest = plus(now, lifetime);
  // without an offset it would be read as the time of this machine
  if (!answered || !/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(answered)) return longest;
  const date = new Date(answered);
  return date > now && date <= plus(longest, HOUR) ? date : longest;
}
