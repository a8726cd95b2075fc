import type { Engine } from '../../../lib/core/reconcile/index.ts';
import type { Through } from './effect.ts';
import { published } from './safety.ts';
import { storeOf } from './store.ts';
import { registryOf, vendorOf } from './vendor.ts';
import type { World } from './world.ts';

/** The engine of one worker. Each effect goes through `through`; only the time is read directly. */
export function engineOf(world: World, through: Through): Engine {
  return {
    store: storeOf(world, through),
    registry: registryOf(world, through),
    providers: { vendor: vendorOf(world, through) },
    events: {
      publish: (batch) =>
        through({
          name: 'publish',
          scope: 'bus',
          write: true,
          run: () => {
            for (const { detailType, detail } of batch)
              published(world, detail.metadata.id, detailType, detail.data);
          },
        }),
    },
    clock: {
      now: () => new Date(world.now),
      sleep: (ms) => {
        const until = world.now + ms;
        const run = () => {
          world.now = Math.max(world.now, until);
        };
        return through({ name: 'sleep', scope: 'clock', write: false, run });
      },
    },
    http: { send: () => Promise.reject(new Error('the explored world has no HTTP')) },
    admins: { get: async () => ({}), drop: () => {} },
  };
}
