import { DAY, formatDuration, HOUR } from '../../time.ts';
import { MIN_INTERVAL } from '../target.ts';
import { problem, type Rule } from './rule.ts';

/** The interval is shorter than `MIN_INTERVAL`, so the secret would run out of versions. */
export const tooOften: Rule = ({ interval }) =>
  interval < MIN_INTERVAL
    ? problem(
        'interval',
        'at least 15m: Secrets Manager keeps about 100 versions, and drops none younger than a day',
      )
    : undefined;

/**
 * The interval is longer than ten years (3650 days): in practice, the target would never rotate.
 */
export const tooRare: Rule = ({ interval }) =>
  interval > 3650 * DAY ? problem('interval', 'at most 3650d') : undefined;

/** Secrets Manager accepts a schedule of `rate(n hours)`, from four hours to 999 days. */
export const notWholeHours: Rule = ({ driver, interval }) =>
  driver === 'secrets-manager' &&
  (interval < 4 * HOUR || interval % HOUR !== 0 || interval > 999 * DAY)
    ? problem(
        'interval',
        'whole hours from 4h to 999d: Secrets Manager’s own rotation supports no others',
      )
    : undefined;

/**
 * The grace is not shorter than the interval, so a credential would still be alive when its
 * successor is superseded too.
 */
export const graceTooLong: Rule = ({ grace, interval }) =>
  grace >= interval
    ? problem('grace', `less than the interval (${formatDuration(interval)})`)
    : undefined;

/**
 * The grace after a compromise is longer than the usual grace, so a leaked credential would live
 * longer than a good one.
 */
export const compromisedGraceTooLong: Rule = ({ compromisedGrace, grace }) =>
  compromisedGrace > grace
    ? problem('compromisedGrace', `at most the grace (${formatDuration(grace)})`)
    : undefined;

/**
 * Interval and grace together exceed the provider's `lifetime`, so a credential would expire while
 * consumers may still use it.
 */
export const expiresInItsGrace: Rule = ({ interval, grace, params }, provider) => {
  const life = provider.lifetime?.(params);
  if (life === undefined || interval + grace <= life) return undefined;
  return problem(
    'interval',
    `at most ${formatDuration(life)}, the life of a credential of ${provider.name}`,
    `interval and grace together take ${formatDuration(interval + grace)}`,
  );
};
