import { Cron } from 'croner';
import { DAY, plus } from '../time.ts';

/**
 * A maintenance window: it opens at each time of `cron` in `timezone` and stays open for `duration`
 * milliseconds.
 */
export interface Window {
  readonly cron: string;
  readonly timezone: string;
  readonly duration: number;
}

/** `from` if the window is open then, else the next opening; `undefined` if there is none. */
export function nextOpening({ cron, timezone, duration }: Window, from: Date): Date | undefined {
  const schedule = new Cron(cron, { timezone, paused: true });
  const opened = schedule.nextRun(plus(from, -duration));
  if (!opened) return undefined;
  return opened <= from ? from : opened;
}

/**
 * The longest time, in milliseconds, that the window stays closed. The hour that daylight saving
 * adds to one night does not count.
 */
export const longestClosed = ({ cron, duration }: Window): number =>
  Math.max(0, widestSpacing(cron) - duration);

/** Ten years contain leap years and most combinations of dates and weekdays. */
const HORIZON = 3653 * DAY;
/** Fixed, so that a file that is valid today is valid tomorrow. */
const START = new Date('2025-01-01T00:00:00Z');

/** A fleet names the same few windows many times over. */
const spacings = new Map<string, number>();

/**
 * The longest time from one opening to the next, in local time. A window opens at the same times on
 * each of its days, and those days are computed for ten years.
 */
function widestSpacing(cron: string): number {
  const known = spacings.get(cron);
  if (known !== undefined) return known;
  const [minute, hour, ...date] = fieldsOf(cron);
  const times: number[] = [];
  for (const time of occurrences(`${minute} ${hour} * * *`)) {
    if (time >= DAY) break;
    times.push(time);
  }
  const days: number[] = [];
  for (const day of occurrences(`0 0 ${date.join(' ')}`)) {
    days.push(day);
    // at least two days, however far apart; two are enough if the window opens every day
    if (days.length >= 2 && (day >= HORIZON || date.every((field) => field === '*'))) break;
  }
  const overnight = DAY - Math.max(...times) + Math.min(...times);
  const widest = Math.max(widestStep(times), widestStep(days) - DAY + overnight);
  if (spacings.size >= 1000) spacings.clear();
  spacings.set(cron, widest);
  return widest;
}

const widestStep = (times: readonly number[]): number =>
  Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));

/** The times of a cron expression, in milliseconds from START. */
function* occurrences(cron: string): Generator<number> {
  const schedule = new Cron(cron, { mode: '5-part', timezone: 'UTC', paused: true });
  for (let next = schedule.nextRun(plus(START, -1)); next; next = schedule.nextRun(next))
    yield next.getTime() - START.getTime();
}

/** The problem of a cron expression of five fields; `undefined` if it is valid. */
export function cronProblem(cron: string): string | undefined {
  try {
    const schedule = new Cron(cron, { mode: '5-part', paused: true });
    // croner knows nicknames too, such as @daily
    if (fieldsOf(cron).length !== 5) return 'it is not a cron expression of five fields';
    return schedule.nextRun() ? undefined : 'it never comes';
  } catch {
    return 'it is not a cron expression of five fields';
  }
}

const fieldsOf = (cron: string): readonly string[] => cron.trim().split(/\s+/);

/**
 * True if `Intl.DateTimeFormat` knows the time zone: a name of the IANA database, in any case, or
 * an offset such as `+01:00`.
 */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
