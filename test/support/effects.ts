import type { Engine } from '../../lib/core/reconcile/index.ts';

/**
 * Wraps each call that leaves the process: reads and writes of the store, events, HTTP, calls to a
 * registry. `kind` says which call it is.
 */
export type Around = <T>(call: () => Promise<T>, kind: string) => Promise<T>;

/** An engine that passes each of its effects through `around`. */
export function withEffects(engine: Engine, around: Around): Engine {
  const { store, events, http, registry, admins } = engine;
  const named =
    <Args extends readonly unknown[], T>(kind: string, call: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      around(() => call(...args), kind);
  return {
    ...engine,
    store: {
      list: store.list,
      describe: named('describe', store.describe),
      read: named('read', store.read),
      put: named('put', store.put),
      label: (...args) => around(() => store.label(...args), `label ${kindOf(args[1])}`),
      rotate: named('rotate', store.rotate),
    },
    events: { publish: named('publish', events.publish) },
    http: { send: (request) => around(() => http.send(request), `http ${request.method}`) },
    registry: { check: named('check', registry.check) },
    admins: {
      get: (secret, provider) => around(() => admins.get(secret, provider), 'admin'),
      drop: admins.drop,
    },
  };
}

/** A staging label without the parts that differ between versions. */
const kindOf = (label: string): string => label.split(':').slice(0, 3).join(':');

/** A place in a worker's run: its n-th effect. The run sets whether it got there, and how. */
export class Spot {
  reached = false;
  /** The kinds of all effects of the run, in order. */
  readonly kinds: string[] = [];
  readonly effect: number;

  constructor(effect: number) {
    this.effect = effect;
  }

  toString(): string {
    return String(this.effect);
  }
}

/** Thrown at a simulated crash. The worker must not continue after it. */
class Crash extends Error {}

/**
 * An engine whose worker dies at its n-th effect: before the call is sent, or after it was carried
 * out and before the answer arrives. `died()` is true once the worker died.
 */
export function crashing(
  engine: Engine,
  at: number | Spot,
  moment: 'before' | 'after',
): { engine: Engine; died: () => boolean } {
  const spot = typeof at === 'number' ? new Spot(at) : at;
  const { effect, kinds } = spot;
  let dead = false;
  const die = () => {
    dead = true;
    throw new Crash(`${moment} effect ${effect}`);
  };
  const around: Around = async (call, kind) => {
    if (dead) throw new Crash('dead');
    const dies = kinds.push(kind) === effect;
    spot.reached ||= dies;
    if (dies && moment === 'before') die();
    const answer = await call();
    if (dies) die();
    return answer;
  };
  return { engine: withEffects(engine, around), died: () => dead };
}

/**
 * An engine whose worker stalls right before its n-th effect. `stalled` resolves to true when the
 * worker is there, or to false after `through()`. The worker continues after `release()`. Another
 * worker may do anything in between.
 */
export function stalling(engine: Engine, at: number | Spot) {
  const spot = typeof at === 'number' ? new Spot(at) : at;
  const { effect, kinds } = spot;
  const arrival = Promise.withResolvers<boolean>();
  const departure = Promise.withResolvers<void>();
  const around: Around = async (call, kind) => {
    if (kinds.push(kind) === effect) {
      spot.reached = true;
      arrival.resolve(true);
      await departure.promise;
    }
    return call();
  };
  return {
    engine: withEffects(engine, around),
    stalled: arrival.promise,
    release: () => departure.resolve(),
    through: () => arrival.resolve(false),
  };
}
