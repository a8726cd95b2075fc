import { Cron } from 'croner';
import { plus } from '../time.ts';

/** A maintenance window: it opens at each time of `cron` in `timezone` and stays open for `duration` milliseconds. */
export interface Window {
  readonly cron: string;
  readonly timezone: string;
  readonly duration: number;
}

/** `from` if the window is open then, else when it opens next; `undefined` if it never does. */
export function nextOpening({ cron, timezone, duration }: Window, from: Date): Date | undefined {
  const schedule = new Cron(cron, { timezone, paused: true });
  const opened = schedule.nextRun(plus(from, -duration));
  if (!opened) return undefined;
  return opened <= from ? from : opened;
}

/** What is wrong with a cron expression (five fields), `undefined` if nothing is. */
export function cronProblem(cron: string): string | undefined {
  try {
    const schedule = new Cron(cron, { mode: '5-part', paused: true });
    return schedule.nextRun() ? undefined : 'it never comes';
  } catch {
    return 'it is not a cron expression of five fields';
  }
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
