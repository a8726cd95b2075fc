import { RekeyError } from '../../../lib/core/errors.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/core/time.ts';
import { carryOut, type Through, Violation } from './effect.ts';
import { atRest, wellAgain } from './liveness.ts';
import { timing, variant } from './target.ts';
import { lookForOrphans, work } from './work.ts';
import type { World } from './world.ts';

const SWEEP = 5 * MINUTE;
/** Ten minutes, plus the time a rotation may have to wait after the previous one. */
export const WELL = 30 * MINUTE;
/**
 * Rounds at each pace. Without this, a retry every five minutes for days would dominate the run.
 */
const PATIENCE = 60;
const paces = [SWEEP, 30 * MINUTE, 3 * HOUR];

/**
 * Ends all outages: sweeps every five minutes for half an hour, then runs a worker at each moment
 * at which work is due, until one more rotation and its grace are over. Throws a `Violation` if a
 * promise is still broken then.
 */
export async function settle(world: World): Promise<void> {
  let violation: Violation | undefined;
  // kept here because the engine treats every thrown error as a failure
  const through: Through = async (effect) => {
    try {
      return carryOut(world, effect);
    } catch (error) {
      if (error instanceof Violation) violation ??= error;
      throw error;
    }
  };
  const { interval, grace, soak } = timing();
  const since = Math.max(world.now, ...Object.values(world.outages));
  const end = since + interval + 2 * grace + soak + 2 * DAY;
  let next: number | undefined;

  const come = async (checked: boolean): Promise<void> => {
    try {
      const { decision } = await work(world, through, 'settling', checked);
      next = decision.action === 'wait' ? decision.at?.getTime() : world.now;
    } catch (error) {
      if (!(error instanceof RekeyError)) violation ??= new Violation('threw', String(error));
      next = world.now;
    }
    if (violation) throw violation;
  };
  const orphans = async (): Promise<void> => {
    if (variant().finds && world.retiredAt === undefined)
      await lookForOrphans(world, through, 'settling').catch((error) => {
        if (!(error instanceof RekeyError)) violation ??= new Violation('threw', String(error));
      });
    if (violation) throw violation;
  };

  while (world.now < since + WELL) {
    await come(true);
    world.now += SWEEP;
  }
  wellAgain(world);
  await orphans();
  for (let round = 0; world.now < end; round++) {
    const pace = paces[Math.min(Math.floor(round / PATIENCE), paces.length - 1)] ?? SWEEP;
    world.now = Math.min(end, Math.max(next ?? end, world.now + pace));
    await come(false);
  }
  await orphans();
  atRest(world);
}
