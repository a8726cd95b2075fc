import { MINUTE, plus } from '../../time.ts';
import { UNHEALTHY } from '../reasons.ts';
import { ALWAYS, type Rule } from '../situation.ts';

/** The current credential is marked as disabled: a worker disabled it while it became current. */
export const currentDisabled: Rule = ({ target, ledger: { current } }) =>
  current?.credential && current.disabledAt && !target.retired
    ? [
        {
          action: 'enable',
          reason: 'current-disabled',
          message: 'the current credential was disabled',
          at: ALWAYS,
          version: current,
        },
      ]
    : [];

/** The wait between a refusal and the next check of the current credential. */
const RECHECK_AFTER = 5 * MINUTE;

/** The registry refused the current credential once: rekey believes it after a second refusal. */
export const refusedOnce: Rule = ({ target, ledger: { current, pending } }) =>
  current?.credential &&
  current.refused &&
  current.refused.times < UNHEALTHY &&
  !pending &&
  !target.retired
    ? [
        {
          action: 'check',
          reason: 'refused-once',
          message: 'the registry refused the current credential once',
          at: plus(current.refused.at, RECHECK_AFTER),
          version: current,
        },
      ]
    : [];
