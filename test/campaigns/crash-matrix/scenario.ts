import type { RekeyError } from '../../../lib/core/errors.ts';
import { HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { drawn } from '../../support/sample.ts';
import { type CrashPoint, type Place, places } from './effects.ts';
import { runAndKill } from './kill.ts';
import { lively, wellBy } from './lively.ts';
import { ROTATE } from './native.ts';
import { holdsAtRest, keptItsSecrets, wasAnnounced } from './rest.ts';
import { openSetup, type Setup } from './setup.ts';
import { type Transition, transitions } from './transitions.ts';
import { mayBeDriven, restOf } from './world.ts';

/** One crash, or two: the second happens during the recovery from the first. */
export interface Scenario {
  readonly provider: string;
  readonly transition: string;
  readonly first: CrashPoint;
  readonly second?: CrashPoint | undefined;
  /** The first crash is a SIGKILL of a process instead of a thrown error. */
  readonly killed?: boolean;
}

export interface Result {
  readonly name: string;
  /** The violation, if any. */
  readonly problem?: string;
  /** Calls of the recovery, summed over all its runs. */
  readonly recovery: number;
}

const point = ({ effect, place }: CrashPoint): string => `effect ${effect} ${place}`;

/** A scenario's name, with which it can be run again alone. */
export const nameOf = ({ provider, transition, first, second, killed }: Scenario): string =>
  [
    provider,
    transition,
    point(first),
    ...(second ? [`then ${point(second)}`] : []),
    ...(killed ? ['killed'] : []),
  ].join(', ');

/** The scenario with this name; `undefined` if there is none. */
export function parseName(name: string): Scenario | undefined {
  const pattern =
    /^([\w-]+), ([\w -]+), effect (\d+) (\w+)(?:, then effect (\d+) (\w+))?(, killed)?$/;
  const [, provider, transition, effect, at, next, there, killed] = pattern.exec(name) ?? [];
  const place = places.find((one) => one === at);
  if (!provider || !transition || !effect || !place) return undefined;
  const second = next ? { effect: Number(next), place: there as Place } : undefined;
  return {
    provider,
    transition,
    first: { effect: Number(effect), place },
    second,
    killed: killed !== undefined,
  };
}

/** Delays until a worker runs after a crash: at once, too late for a candidate, or hours later. */
const delays = [0, MINUTE, 5 * MINUTE, 12 * MINUTE, 16 * MINUTE, 3 * HOUR] as const;

/**
 * Secrets Manager's reactions to a rotation whose function died: it retries; it gives up, and a
 * person starts another rotation; it gives up, and no worker runs until the next rotation is due.
 */
const ends = ['again', 'again', 'again', 'anew', 'never'] as const;
type End = (typeof ends)[number];

const picked = <Item>(items: readonly Item[], text: string): Item | undefined =>
  items[Math.floor(drawn(text) * items.length)];

function transitionOf(name: string): Transition {
  const found = transitions.find((transition) => transition.name === name);
  if (!found) throw new Error(`no transition ${name}`);
  return found;
}

/**
 * Number of calls that a transition makes without a crash; `undefined` if the provider does not
 * have the transition. The invariants must hold then too.
 */
export async function effectsOf(provider: string, transition: string): Promise<number | undefined> {
  const { driver = 'rekey', of, before, deed, after } = transitionOf(transition);
  if (!mayBeDriven(provider, driver)) return undefined;
  const setup = await openSetup(provider, driver);
  try {
    if (of && !of(setup.world)) return undefined;
    await before(setup);
    setup.fuse.restart();
    await setup.doomed(deed);
    const effects = setup.fuse.count;
    await comesToRest(setup, 'again');
    await holds(setup, after, false);
    return effects;
  } catch (error) {
    throw new Error(`${provider}, ${transition}, without a crash: ${told(error)}`);
  } finally {
    await setup.close();
  }
}

/** Runs one scenario in a world of its own. Never throws: it reports a failure in `problem`. */
export async function play(scenario: Scenario, seed: string): Promise<Result> {
  const { provider, transition, first, second, killed } = scenario;
  const name = nameOf(scenario);
  const { driver, before, deed, after } = transitionOf(transition);
  const text = `${seed}/${provider}/${transition}/${point(first)}`;
  const delay = picked(delays, text) ?? 0;
  const end = (driver && picked(ends, `${text}/end`)) ?? 'again';
  const comesAgain = deed === ROTATE ? end === 'anew' : deed !== undefined;
  let recovery = 0;
  let setup: Setup | undefined;
  try {
    setup = await openSetup(provider, driver);
    const { world, fuse, witness } = setup;
    await before(setup);
    fuse.restart(first);
    if (killed) await runAndKill(setup, deed, first);
    else await setup.doomed(deed);
    if (!killed && !fuse.died) throw new Error(`${point(first)} does not exist`);
    await witness.look(killed);
    if (end !== 'again') await setup.native?.giveUp();
    world.wait(delay);
    fuse.restart(second);
    // redelivery of the message, or another try of the person
    if (comesAgain) await setup.doomed(deed);
    await comesToRest(setup, end);
    recovery = fuse.count;
    if (second && !fuse.died) throw new Error(`the recovery does not reach ${point(second)}`);
    if (second) {
      fuse.restart();
      world.wait(delay);
      if (comesAgain) await setup.doomed(deed);
      await comesToRest(setup, end);
    }
    await holds(setup, after, delay >= 10 * MINUTE || second !== undefined || end !== 'again');
    return { name, recovery };
  } catch (error) {
    return {
      name,
      recovery,
      problem: `${told(error)} (a worker ran ${delay / MINUTE} minutes later, seed ${seed})`,
    };
  } finally {
    await setup?.close();
  }
}

/** Passes time until all started work is done. Returns early at a second crash. */
async function comesToRest(setup: Setup, end: End): Promise<void> {
  const { world, fuse } = setup;
  if (fuse.died) return;
  // the next rotation continues or clears up a rotation that Secrets Manager gave up
  const more = setup.native && end !== 'again' ? setup.target.interval : 0;
  const until = plus(world.clock.now(), restOf(world) + more);
  try {
    await setup.settle();
    await world.live(wellBy(world), setup.engine, setup.target, setup.settle);
    await lively(world, setup.requests, setup.target.retired === true);
    await world.live(until, setup.engine, setup.target, setup.settle);
  } catch (error) {
    setup.shown.push(error);
    if (!fuse.died) throw error;
  }
}

async function holds(setup: Setup, after: Transition['after'], late: boolean): Promise<void> {
  const { world, witness } = setup;
  const retired = setup.target.retired === true;
  await witness.look();
  const wrong = await after?.(setup, late);
  if (wrong) throw new Error(wrong);
  await wasAnnounced(world, witness);
  keptItsSecrets(world, witness, setup.issued, setup.shown);
  await holdsAtRest(world, witness, retired);
}

const told = (error: unknown): string => {
  const { name, message, code } = error as Partial<RekeyError>;
  return `${name === 'RekeyError' ? `${code}: ` : ''}${message ?? String(error)}`;
};
