import type { Engine } from '../../../lib/core/reconcile/engine.ts';
import { rememberedAdmins } from '../../../lib/core/reconcile/index.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';

/**
 * Places at which a worker can die at a call: before it is sent, after it was carried out but
 * before the answer arrives, or right after the answer.
 */
export const places = ['unsent', 'unanswered', 'answered'] as const;
export type Place = (typeof places)[number];

/** The n-th call that leaves the process, and the place in it. */
export interface CrashPoint {
  readonly effect: number;
  readonly place: Place;
}

/** Thrown by the simulated crash. The engine must not treat it as a failure that it can handle. */
export class Crash extends Error {}

/**
 * Counts the calls that leave the process, over any number of engines, and simulates a crash at one
 * of them.
 */
export interface Fuse {
  /** Calls begun. */
  readonly count: number;
  readonly died: boolean;
  /** Called after a crash: the next engine is a new process. `next` counts from the first call. */
  restart(next?: CrashPoint): void;
  guard<T>(call: () => Promise<T>): Promise<T>;
  /** Crashes now. */
  blow(): never;
  /** Throws if the worker is dead, so that no code of it continues. */
  alive(): void;
}

/** `seen` inspects the world after each call that was carried out. */
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
        // thrown instead of the answer, good or bad
        if (place === 'unanswered') blow();
        // the worker may handle the answer, but makes no other call
        if (place === 'answered') died = true;
      }
    },
  };
}

/**
 * An engine of a new process that passes every call to AWS, the vendor and the registry through the
 * fuse.
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

/** Wraps the methods of a port that make one call each. Iterators stay as they are. */
function each<Port extends object>(port: Port, fuse: Fuse): Port {
  const guarded = Object.entries(port).map(([name, method]: [string, unknown]) =>
    typeof method === 'function' && name !== 'list'
      ? [name, (...args: unknown[]) => fuse.guard(() => method.apply(port, args))]
      : [name, method],
  );
  return Object.fromEntries(guarded) as Port;
}
