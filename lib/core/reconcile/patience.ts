import type { RekeyError } from '../errors.ts';
import { MINUTE, plus, SECOND } from '../time.ts';
import type { Run } from './run.ts';

/** Races that one run may lose. */
const MAX_LOST_RACES = 5;

/** How long one run waits for a provider that asks for fewer calls. */
const LONGEST_WAIT = 2 * MINUTE;

/** The waits and the races that a run has left. */
export interface Patience {
  ms: number;
  races: number;
}

export const fullPatience = (): Patience => ({ ms: LONGEST_WAIT, races: MAX_LOST_RACES });

/** Another worker was first, or the provider asked to wait: the run looks again, within bounds. */
export async function isTriedAgain(
  run: Run,
  error: RekeyError,
  patience: Patience,
): Promise<boolean> {
  if (error.code !== 'lost-race') return error.code === 'throttled' && waited(run, error, patience);
  if (patience.races-- === 0) throw error;
  return true;
}

/**
 * Waits as long as the provider asked for, if this run has the time; else leaves the account alone
 * until then.
 */
async function waited(
  { engine, target, signal }: Run,
  { retryAfter = 5 * SECOND }: RekeyError,
  patience: Patience,
): Promise<boolean> {
  if (retryAfter > patience.ms) {
    engine.admins.rest?.(target.admin, plus(engine.clock.now(), retryAfter));
    return false;
  }
  patience.ms -= Math.max(retryAfter, SECOND);
  await engine.clock.sleep(retryAfter, signal);
  return true;
}
