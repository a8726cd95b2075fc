import type { Version } from '../../../lib/core/ledger/index.ts';
import type { Engine } from '../../../lib/core/reconcile/index.ts';
import type { Spot } from '../../support/effects.ts';
import { everyEffect } from '../../support/every-effect.ts';
import { current, type World } from './setup.ts';

/** A call that leaves the process: `store.put`, `events.publish`, `http.send` and so on. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}
type Around = <T>(call: Call, next: () => Promise<T>) => Promise<T>;

/** An engine that passes each of its calls through `around`. */
export function tapped(engine: Engine, around: Around): Engine {
  const { store, events, http, registry } = engine;
  const tap =
    <Args extends readonly unknown[], T>(name: string, call: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      around({ name, args }, () => call(...args));
  return {
    ...engine,
    store: {
      list: store.list,
      describe: tap('store.describe', store.describe),
      read: tap('store.read', store.read),
      put: tap('store.put', store.put),
      label: tap('store.label', store.label),
      rotate: tap('store.rotate', store.rotate),
    },
    events: { publish: tap('events.publish', events.publish) },
    http: { send: tap('http.send', http.send) },
    registry: { check: tap('registry.check', registry.check) },
  };
}

export type Moment = (call: Call) => boolean;

/** Any call of this name. */
export const the =
  (name: string): Moment =>
  (call) =>
    call.name === name;

/** The call that moves AWSCURRENT. */
export const theMove: Moment = ({ name, args }) =>
  name === 'store.label' && args[1] === 'AWSCURRENT';

/**
 * The call that stores a candidate, not the first version of an empty secret or a used-up id.
 */
export const theStore: Moment = ({ name, args }) =>
  name === 'store.put' && (args[3] as string[]).some((label) => /credential/.test(label));

/** The call that creates a credential at the vendor. */
export const theCreate: Moment = ({ name, args }) =>
  name === 'http.send' && (args[0] as { method?: string }).method === 'POST';

class Crash extends Error {}

/**
 * An engine whose worker dies at this call, before it is sent or after it was carried out. It makes
 * no later call.
 */
export function dying(
  engine: Engine,
  where: Moment,
  moment: 'before' | 'after' = 'before',
): Engine {
  let dead = false;
  return tapped(engine, async (call, next) => {
    if (dead) throw new Crash('dead');
    dead = where(call);
    if (!dead) return next();
    if (moment === 'after') await next();
    throw new Crash(`${moment} ${call.name}`);
  });
}

export interface Hanging {
  /** The current version after each call that the worker made since. */
  readonly seen: readonly Version[];
  /** Lets the call through, and the worker finish its run. */
  goOn(): Promise<void>;
}

/**
 * Starts a worker that hangs right before, or after, the first such call, and resolves when it
 * does.
 */
export async function hanging(
  world: World,
  where: Moment,
  moment: 'before' | 'after' = 'before',
): Promise<Hanging> {
  const seen: Version[] = [];
  const arrival = Promise.withResolvers<boolean>();
  const departure = Promise.withResolvers<void>();
  let reached = false;
  const hang = async () => {
    reached = true;
    arrival.resolve(true);
    await departure.promise;
  };
  const engine = tapped(world.worker(), async (call, next) => {
    const here = !reached && where(call);
    if (here && moment === 'before') await hang();
    const answer = await next();
    if (here && moment === 'after') await hang();
    if (reached) seen.push(await current(world));
    return answer;
  });
  const running = world
    .run(engine)
    .catch(() => {})
    .finally(() => arrival.resolve(false));
  if (!(await arrival.promise))
    throw new Error('the worker never reached the call at which it should hang');
  return {
    seen,
    async goOn() {
      departure.resolve();
      await running;
    },
  };
}

/** Plays the scenario for each effect before which a worker may stall. */
export async function atEachEffect(scenario: (effect: Spot) => Promise<unknown>): Promise<void> {
  for (const effect of everyEffect()) await scenario(effect);
}

/** A worker of a release that throws an unexpected error once the vendor has issued. */
export function badRelease(world: World): Engine {
  const engine = world.worker();
  const provider = engine.providers[world.target.provider];
  if (!provider) throw new Error('no provider');
  const issue: typeof provider.issue = async (...args) => {
    await provider.issue(...args);
    throw new TypeError('cannot read properties of undefined');
  };
  return { ...engine, providers: { ...engine.providers, [provider.name]: { ...provider, issue } } };
}
