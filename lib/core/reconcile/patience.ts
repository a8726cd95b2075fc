import type { RekeyError } from '../errors.ts';
import { MINUTE, plus, SECOND } from '../time.ts';
import type { Run } from './run.ts';

/** Most races that one run may lose. */
const MAX_LOST_RACES = 5;

/** Milliseconds. The longest wait of one run for a provider that throttles it. */
const LONGEST_WAIT = 2 * MINUTE;

/** The wait (milliseconds) and the lost races that a run has left. */
export interface Patience {
  ms: number;
  races: number;
}

/** The patience of a run that has just begun. */
export const fullPatience = (): Patience => ({ ms: LONGEST_WAIT, races: MAX_LOST_RACES });

/**
 * True if the run must look again, within bounds: another worker was first, or the provider
 * throttled the call. Throws the error after too many lost races.
 */
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
 * Waits as long as the provider requested, if this run has the time. Otherwise the account rests
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
