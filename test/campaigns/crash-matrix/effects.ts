import type { Engine } from '../../../lib/core/reconcile/engine.ts';
import { rememberedAdmins } from '../../../lib/core/reconcile/index.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';

/**
 * Where a worker dies at a call: before it is sent, after it was carried out and before its answer
 * is seen, or right after that.
 */
export const places = ['unsent', 'unanswered', 'answered'] as const;
export type Place = (typeof places)[number];

/** The n-th call that leaves the process, and the place in it. */
export interface CrashPoint {
  readonly effect: number;
  readonly place: Place;
}

/** What dies says so with this; the engine must not mistake it for a failure it can deal with. */
export class Crash extends Error {}

/** Counts the calls that leave the process, over any number of engines, and dies at one of them. */
export interface Fuse {
  /** Calls begun. */
  readonly count: number;
  readonly died: boolean;
  /** After a crash: the next engine is a fresh process. `next` is counted from the first call. */
  restart(next?: CrashPoint): void;
  guard<T>(call: () => Promise<T>): Promise<T>;
  /** Dies here and now. */
  blow(): never;
  /** Nothing of a dead worker runs on. */
  alive(): void;
}

/** `seen` looks at the world after each call that was carried out. */
export function createFuse(seen: () => Promise<void>, first?: CrashPoint): Fuse {
  let point = first;
  let count = 0;
  let died = false;
  const blow = (): never => {
    died = true;
    throw new Crash(`dies at call ${count}`);
  };
  const alive = () => {
    if (died) throw new Crash('dead');
  };
  return {
    get count() {
      return count;
    },
    get died() {
      return died;
    },
    restart(next) {
      point = next;
      count = 0;
      died = false;
    },
    alive,
    blow,
    async guard(call) {
      alive();
      count += 1;
      const place = point?.effect === count ? point.place : undefined;
      if (place === 'unsent') blow();
      try {
        return await call();
      } finally {
        await seen();
        // instead of the answer, be it good or bad
        if (place === 'unanswered') blow();
        // whatever it does with the answer, it comes to no other call
        if (place === 'answered') died = true;
      }
    },
  };
}

/**
 * The engine of a fresh process whose every call to AWS, the vendor and the registry goes through
 * the fuse.
 */
export function fused(engine: Engine, fuse: Fuse): Engine {
  const store = each(engine.store, fuse);
  const http = { send: each(engine.http, fuse).send };
  const clock: Engine['clock'] = {
    now: engine.clock.now,
    async sleep(ms, signal) {
      fuse.alive();
      await engine.clock.sleep(ms, signal);
    },
  };
  return {
    ...engine,
    store,
    http,
    clock,
    events: each(engine.events, fuse),
    registry: createRegistryCheck({ http, now: clock.now }),
    admins: rememberedAdmins(store, clock),
  };
}

/** All methods of a port that are one call each; what iterates is left as it is. */
function each<Port extends object>(port: Port, fuse: Fuse): Port {
  const guarded = Object.entries(port).map(([name, method]: [string, unknown]) =>
    typeof method === 'function' && name !== 'list'
      ? [name, (...args: unknown[]) => fuse.guard(() => method.apply(port, args))]
      : [name, method],
  );
  return Object.fromEntries(guarded) as Port;
}
