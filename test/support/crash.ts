import type { Engine } from '../../lib/core/reconcile/index.ts';

/** Thrown where a worker dies; nothing of it runs after that. */
class Crash extends Error {}

/**
 * An engine whose worker dies at its n-th effect (each call that leaves the process, reads too): before the call is
 * sent, or after it was carried out and before its answer is seen. `died()` tells whether it got that far.
 */
export function crashing(engine: Engine, effect: number, moment: 'before' | 'after'): { engine: Engine; died: () => boolean } {
  let count = 0;
  let dead = false;

  async function call<T>(carryOut: () => Promise<T>): Promise<T> {
    if (dead) throw new Crash('dead');
    count += 1;
    const dies = count === effect;
    if (dies && moment === 'before') {
      dead = true;
      throw new Crash(`before effect ${effect}`);
    }
    const answer = await carryOut();
    if (dies) {
      dead = true;
      throw new Crash(`after effect ${effect}`);
    }
    return answer;
  }

  const { store, events, http, registry } = engine;
  return {
    died: () => dead,
    engine: {
      ...engine,
      store: {
        list: store.list,
        describe: (secret) => call(() => store.describe(secret)),
        read: (secret, version) => call(() => store.read(secret, version)),
        put: (...args) => call(() => store.put(...args)),
        label: (...args) => call(() => store.label(...args)),
      },
      events: { publish: (batch) => call(() => events.publish(batch)) },
      http: { send: (request) => call(() => http.send(request)) },
      registry: { check: (question, signal) => call(() => registry.check(question, signal)) },
      admins: {
        get: (secret, provider) => call(() => engine.admins.get(secret, provider)),
        drop: engine.admins.drop,
      },
    },
  };
}
