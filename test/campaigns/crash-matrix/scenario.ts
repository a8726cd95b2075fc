import type { RekeyError } from '../../../lib/core/errors.ts';
import { HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { drawn } from '../../support/sample.ts';
import { type CrashPoint, type Place, places } from './effects.ts';
import { runAndKill } from './kill.ts';
import { lively, wellBy } from './lively.ts';
import { ROTATE } from './native.ts';
import { holdsAtRest, keptItsSecrets, wasAnnounced } from './rest.ts';
import { openStage, type Stage } from './stage.ts';
import { type Transition, transitions } from './transitions.ts';
import { mayBeDriven, restOf } from './world.ts';

/** One crash, or two of which the second comes during the recovery from the first. */
export interface Scenario {
  readonly provider: string;
  readonly transition: string;
  readonly first: CrashPoint;
  readonly second?: CrashPoint | undefined;
  /** The first is a SIGKILL of a process, not a thrown error. */
  readonly killed?: boolean;
}

export interface Result {
  readonly name: string;
  /** What did not hold. */
  readonly problem?: string;
  /** Calls of the recovery, in all of its runs. */
  readonly recovery: number;
}

const point = ({ effect, place }: CrashPoint): string => `effect ${effect} ${place}`;

/** Names a scenario so that it can be run again alone. */
export const nameOf = ({ provider, transition, first, second, killed }: Scenario): string =>
  [
    provider,
    transition,
    point(first),
    ...(second ? [`then ${point(second)}`] : []),
    ...(killed ? ['killed'] : []),
  ].join(', ');

/** The scenario of a name; `undefined` if it is none. */
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

/** Until a worker comes after a crash: at once, or too late for a candidate, or hours later. */
const delays = [0, MINUTE, 5 * MINUTE, 12 * MINUTE, 16 * MINUTE, 3 * HOUR] as const;

/**
 * What Secrets Manager does of a rotation whose function died: it tries again; it gives up, and a
 * person has it rotate again; it gives up, and nobody comes until the next rotation is due.
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
 * How many calls a transition makes when nobody dies; `undefined` if the provider does not have it.
 * Its world must hold too.
 */
export async function effectsOf(provider: string, transition: string): Promise<number | undefined> {
  const { driver = 'rekey', of, before, deed, after } = transitionOf(transition);
  if (!mayBeDriven(provider, driver)) return undefined;
  const stage = await openStage(provider, driver);
  try {
    if (of && !of(stage.world)) return undefined;
    await before(stage);
    stage.fuse.restart();
    await stage.doomed(deed);
    const effects = stage.fuse.count;
    await comesToRest(stage, 'again');
    await holds(stage, after, false);
    return effects;
  } catch (error) {
    throw new Error(`${provider}, ${transition}, without a crash: ${told(error)}`);
  } finally {
    await stage.close();
  }
}

/** Runs one scenario in a world of its own. Never throws: what went wrong is told in `problem`. */
export async function play(scenario: Scenario, seed: string): Promise<Result> {
  const { provider, transition, first, second, killed } = scenario;
  const name = nameOf(scenario);
  const { driver, before, deed, after } = transitionOf(transition);
  const text = `${seed}/${provider}/${transition}/${point(first)}`;
  const delay = picked(delays, text) ?? 0;
  const end = (driver && picked(ends, `${text}/end`)) ?? 'again';
  const comesAgain = deed === ROTATE ? end === 'anew' : deed !== undefined;
  let recovery = 0;
  let stage: Stage | undefined;
  try {
    stage = await openStage(provider, driver);
    const { world, fuse, witness } = stage;
    await before(stage);
    fuse.restart(first);
    if (killed) await runAndKill(stage, deed, first);
    else await stage.doomed(deed);
    if (!killed && !fuse.died) throw new Error(`there is no ${point(first)}`);
    await witness.look(killed);
    if (end !== 'again') await stage.native?.giveUp();
    world.wait(delay);
    fuse.restart(second);
    if (comesAgain) await stage.doomed(deed); // the message, or the person
    await comesToRest(stage, end);
    recovery = fuse.count;
    if (second && !fuse.died) throw new Error(`the recovery has no ${point(second)}`);
    if (second) {
      fuse.restart();
      world.wait(delay);
      if (comesAgain) await stage.doomed(deed);
      await comesToRest(stage, end);
    }
    await holds(stage, after, delay >= 10 * MINUTE || second !== undefined || end !== 'again');
    return { name, recovery };
  } catch (error) {
    return {
      name,
      recovery,
      problem: `${told(error)} (a worker came ${delay / MINUTE} minutes later, seed ${seed})`,
    };
  } finally {
    await stage?.close();
  }
}

/** Time passes until all that was begun is over; ends early where a second crash comes. */
async function comesToRest(stage: Stage, end: End): Promise<void> {
  const { world, fuse } = stage;
  if (fuse.died) return;
  // a rotation that Secrets Manager gave up is gone on with, or cleared up, by the next
  const more = stage.native && end !== 'again' ? stage.target.interval : 0;
  const until = plus(world.clock.now(), restOf(world) + more);
  try {
    await stage.settle();
    await world.live(wellBy(world), stage.engine, stage.target, stage.settle);
    await lively(world, stage.requests, stage.target.retired === true);
    await world.live(until, stage.engine, stage.target, stage.settle);
  } catch (error) {
    stage.shown.push(error);
    if (!fuse.died) throw error;
  }
}

async function holds(stage: Stage, after: Transition['after'], late: boolean): Promise<void> {
  const { world, witness } = stage;
  const retired = stage.target.retired === true;
  await witness.look();
  const wrong = await after?.(stage, late);
  if (wrong) throw new Error(wrong);
  await wasAnnounced(world, witness);
  keptItsSecrets(world, witness, stage.issued, stage.shown);
  await holdsAtRest(world, witness, retired);
}

const told = (error: unknown): string => {
  const { name, message, code } = error as Partial<RekeyError>;
  return `${name === 'RekeyError' ? `${code}: ` : ''}${message ?? String(error)}`;
};
