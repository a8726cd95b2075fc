import { formatDuration, MINUTE } from '../../time.ts';
import { longestClosed } from '../window.ts';
import { problem, type Rule } from './rule.ts';

/** Two sweeps at their default interval. The construct requires more if it sweeps less often. */
const MIN_WINDOW = 10 * MINUTE;

/** The window stays open for less than two sweeps, so a sweep might never find it open. */
export const windowTooShort: Rule = ({ window }) =>
  window && window.duration < MIN_WINDOW
    ? problem(
        'window.duration',
        'at least 10m: rekey looks at the fleet every 5 minutes by default, ' +
          'and two looks must fall into the window',
      )
    : undefined;

/**
 * The window stays closed for longer than the interval, so credentials would grow older than it. A
 * window that is too short is left to `windowTooShort`.
 */
export const windowTooRare: Rule = ({ window, interval }) => {
  if (!window || window.duration < MIN_WINDOW) return undefined;
  const closed = longestClosed(window);
  if (closed <= interval) return undefined;
  return problem(
    'window.cron',
    `at most ${formatDuration(interval)}, the interval`,
    `the window stays closed for up to ${formatDuration(closed)}`,
  );
};
