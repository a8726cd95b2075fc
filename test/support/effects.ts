import type { Engine } from '../../lib/core/reconcile/index.ts';

/**
 * Wraps each call that leaves the process: reads and writes of the store, events, HTTP, calls to a
 * registry.
 */
export type Around = <T>(call: () => Promise<T>) => Promise<T>;

/** An engine that passes each of its effects through `around`. */
export function withEffects(engine: Engine, around: Around): Engine {
  const { store, events, http, registry, admins } = engine;
  return {
    ...engine,
    store: {
      list: store.list,
      describe: (secret) => around(() => store.describe(secret)),
      read: (secret, version) => around(() => store.read(secret, version)),
      put: (...args) => around(() => store.put(...args)),
      label: (...args) => around(() => store.label(...args)),
      rotate: (...args) => around(() => store.rotate(...args)),
    },
    events: { publish: (batch) => around(() => events.publish(batch)) },
    http: { send: (request) => around(() => http.send(request)) },
    registry: { check: (question, signal) => around(() => registry.check(question, signal)) },
    admins: {
      get: (secret, provider) => around(() => admins.get(secret, provider)),
      drop: admins.drop,
    },
  };
}

/** Thrown at a simulated crash. The worker must not continue after it. */
class Crash extends Error {}

/**
 * An engine whose worker dies at its n-th effect: before the call is sent, or after it was carried
 * out and before the answer arrives. `died()` is true once the worker died.
 */
export function crashing(
  engine: Engine,
  effect: number,
  moment: 'before' | 'after',
): { engine: Engine; died: () => boolean } {
  let count = 0;
  let dead = false;
  const die = () => {
    dead = true;
    throw new Crash(`${moment} effect ${effect}`);
  };
  const around: Around = async (call) => {
    if (dead) throw new Crash('dead');
    count += 1;
    const dies = count === effect;
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
export function stalling(engine: Engine, effect: number) {
  let count = 0;
  const arrival = Promise.withResolvers<boolean>();
  const departure = Promise.withResolvers<void>();
  const around: Around = async (call) => {
    count += 1;
    if (count === effect) {
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
