/** A second in milliseconds, the unit of every duration in the code. */
export const SECOND = 1000;
/** A minute in milliseconds. */
export const MINUTE = 60 * SECOND;
/** An hour in milliseconds. */
export const HOUR = 60 * MINUTE;
/** A day of 24 hours in milliseconds; it does not follow daylight saving. */
export const DAY = 24 * HOUR;

const units = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY } as const;

/**
 * Milliseconds of a duration such as `90s`, `15m`, `36h`, `30d`, `1d12h`; `undefined` if the text
 * is not one.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,6}[smhdw])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g))
    total += Number(count) * units[unit as keyof typeof units];
  return total;
}

/** A length of time in its two largest units: `3d 4h`, `15m`, `0s`. */
export function formatDuration(ms: number): string {
  let left = Math.max(0, Math.round(ms / SECOND)) * SECOND;
  const parts: string[] = [];
  for (const [unit, size] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ] as const) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

/** The time `ms` milliseconds after `date`, or before it if `ms` is negative. */
export const plus = (date: Date, ms: number): Date => new Date(date.getTime() + ms);
/** The earliest of these times; an invalid `Date` if there are none. */
export const earliest = (...dates: readonly Date[]): Date =>
  new Date(Math.min(...dates.map(Number)));
/** The latest of these times; an invalid `Date` if there are none. */
export const latest = (...dates: readonly Date[]): Date => new Date(Math.max(...dates.map(Number)));

/**
 * A time as written in a staging label: `20260115T093000Z` (ISO 8601, basic format, whole seconds).
 */
export const stamp = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, '');

/** The time of a stamp; `undefined` if the text is not one. */
export function parseStamp(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const date = new Date(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Rounds up to a whole second, so that the time in a label is never earlier than intended. */
export const ceilSecond = (date: Date): Date =>
  new Date(Math.ceil(date.getTime() / SECOND) * SECOND);
