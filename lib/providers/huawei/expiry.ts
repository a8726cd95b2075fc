import { HOUR, plus } from '../../core/time.ts';

/**
 * The expiry of a credential that was just issued: the time that Huawei returns, if it is valid,
 * not past, and within `lifetime` (milliseconds); else a lifetime from now. A credential without an
 * end must not be mistaken for one with an end, or the reverse.
 */
export function expiry(answered: string | null | undefined, now: Date, lifetime: number): Date {
  const longest = plus(now, lifetime);
  // without an offset it would be read in the time zone of this machine
  if (!answered || !/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(answered)) return longest;
  const date = new Date(answered);
  return date > now && date <= plus(longest, HOUR) ? date : longest;
}
