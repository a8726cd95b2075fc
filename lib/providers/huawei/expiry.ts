import { HOUR, plus } from '../../core/time.ts';

/**
 * When a credential that was issued a moment ago expires: as Huawei says, if that is a time and
 * neither past nor later than `lifetime` allows; else a lifetime from now. What has no end must not
 * be taken for one that has, nor the other way round.
 */
export function expiry(told: string | null | undefined, now: Date, lifetime: number): Date {
  const longest = plus(now, lifetime);
  // without an offset it would be read as the time of this machine
  if (!told || !/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(told)) return longest;
  const date = new Date(told);
  return date > now && date <= plus(longest, HOUR) ? date : longest;
}
