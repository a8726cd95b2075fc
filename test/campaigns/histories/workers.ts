import { RekeyError } from '../../../lib/core/errors.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { revokeOrphans } from '../../../lib/core/jobs/orphans.ts';
import { announceRemoved } from '../../../lib/core/jobs/removed.ts';
import { type Engine, reconcile, rotationStep } from '../../../lib/core/reconcile/index.ts';
import { type Assignment, assign } from '../../../lib/core/sweep/assign.ts';
import { sweep } from '../../../lib/core/sweep/index.ts';
import { MINUTE } from '../../../lib/core/time.ts';
import { crashing, stalling } from '../../support/effects.ts';
import { rotateSecret } from './hands.ts';
import type { Happening } from './happenings.ts';
import { BadRelease } from './outages.ts';
import { Violation } from './violation.ts';
import type { Witness } from './witness.ts';
import { type Entry, options, type World } from './world.ts';

/**
 * The functions of rekey, run by hand. What they throw and is not rekey's own error is a bug, and
 * no failure to deal with.
 */
export function createWorkers(world: World, witness: Witness, thrown: unknown[]) {
  const { clock } = world;
  let sweptAt = clock.now();

  function failed(error: unknown): void {
    thrown.push(error);
    if (error instanceof Violation) throw error;
    const known =
      error instanceof RekeyError ||
      error instanceof BadRelease ||
      (error instanceof Error && error.constructor.name === 'Crash');
    if (!known)
      throw new Violation(`a worker threw what is no error of rekey’s: ${String(error)}`, {
        cause: error,
      });
  }

  const run = (target: Target, engine = world.worker(), checked = false) =>
    reconcile(engine, target, { ...options(), checked }).catch(failed);
  const work = async (entry: Entry, engine?: Engine, checked?: boolean) => {
    if (entry.present) await run(world.target(entry), engine, checked);
  };

  /** What a worker does with a message: the same as the function. */
  async function deliver(message: Assignment): Promise<void> {
    if ('target' in message) {
      const entry = world.entries.find(({ name }) => name === message.target);
      if (entry) await work(entry, undefined, message.check);
      return;
    }
    const engine = world.worker();
    if ('orphans' in message)
      return void (await revokeOrphans(engine, world.fleet(), message.orphans, options()).catch(
        failed,
      ));
    const removed = await engine.store.describe(message.removed).catch(failed);
    if (removed) await announceRemoved(engine, 'acme', removed, 'history').catch(failed);
  }

  /** Looks at the fleet, and tells what is to be handed to workers. */
  async function look(): Promise<readonly Assignment[]> {
    const fleet = world.fleet();
    const seen = await sweep(world.worker(), fleet).catch(failed);
    if (!seen) return [];
    const minutes = (Number(clock.now()) - Number(sweptAt)) / MINUTE;
    sweptAt = clock.now();
    return assign(seen, fleet, clock.now(), minutes).assignments;
  }

  /** A worker hangs before its n-th effect, and goes on after that. */
  async function meanwhile(
    entry: Entry,
    effect: number,
    other: () => Promise<unknown>,
  ): Promise<void> {
    if (!entry.present) return;
    const { engine, stalled, release, through } = stalling(world.worker(), effect);
    const first = run(world.target(entry), engine).finally(through);
    if (await stalled) await other();
    release();
    await first;
  }

  const twoWorkers = (entry: Entry, effect: number) => meanwhile(entry, effect, () => work(entry));

  async function lateStep(
    entry: Entry,
    { step, pick }: Extract<Happening, { what: 'a late step' }>,
  ): Promise<void> {
    if (!entry.present) return;
    const target = world.target(entry);
    const ids = [...witness.of(entry.name).versions];
    const version = ids[pick % Math.max(1, ids.length)];
    if (version)
      await rotationStep(world.worker(), target, { step, version }, options()).catch(failed);
  }

  async function dyingSteps(
    entry: Entry,
    effect: number,
    moment: 'before' | 'after',
  ): Promise<void> {
    const { engine, died } = crashing(world.worker(), effect, moment);
    world.stepsBy(() => (died() ? world.worker() : engine));
    await rotateSecret(world, world.target(entry));
    world.stepsBy(world.worker);
  }

  return { failed, run, work, deliver, look, meanwhile, twoWorkers, lateStep, dyingSteps };
}
