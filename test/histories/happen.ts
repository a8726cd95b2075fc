import type { Assignment } from '../../lib/core/assign.ts';
import { request } from '../../lib/core/requests.ts';
import { retiredTarget } from '../../lib/core/retire.ts';
import { crashing } from '../support/effects.ts';
import { currentByHand, deleteAtVendor, foreignLabels, labelOff, rotateSecret, unmark, valueByHand } from './hands.ts';
import type { Happening } from './happenings.ts';
import type { Witness } from './witness.ts';
import { createWorkers } from './workers.ts';
import type { Entry, World } from './world.ts';

export type Happen = ReturnType<typeof createHappen>;

interface Weather {
  readonly arm: () => void;
  left: number;
}

/** Messages that wait; older ones are lost. */
const QUEUED = 20;

const people: readonly Happening['what'][] = [
  'a value by hand',
  'AWSCURRENT by hand',
  'a label off by hand',
  'a credential deleted by hand',
  'foreign labels',
];

/** Lets things happen in a world, one after another. `thrown` gathers what workers failed with. */
export function createHappen(world: World, witness: Witness, thrown: unknown[]) {
  const { aws, clock, vendor } = world;
  const queue: Assignment[] = [];
  const weather: Weather[] = [];

  const { failed, run, work, deliver, look, twoWorkers, lateStep, dyingSteps } = createWorkers(world, witness, thrown);

  const entryOf = (index: number): Entry => {
    const found = world.entries[index % world.entries.length];
    if (!found) throw new Error('a fleet has targets');
    return found;
  };
  async function deliverOne(pick: number, again: boolean): Promise<void> {
    const index = pick % Math.max(1, queue.length);
    const message = queue[index];
    if (!again) queue.splice(index, 1);
    if (message) await deliver(message);
  }

  async function act(it: Happening): Promise<void> {
    switch (it.what) {
      case 'a sweep':
        queue.push(...(await look()));
        return void queue.splice(0, Math.max(0, queue.length - QUEUED));
      case 'a message is delivered':
        return deliverOne(it.pick, it.again);
      case 'a check':
        return work(entryOf(it.on), world.worker(), true);
      case 'a look for orphans':
        return deliver({ orphans: { provider: world.name, admin: 'admin' } });
      case 'a worker':
        return work(entryOf(it.on));
      case 'a worker dies':
        return work(entryOf(it.on), crashing(world.worker(), it.effect, it.moment).engine);
      case 'two workers':
        return twoWorkers(entryOf(it.on), it.effect);
      case 'a request': {
        const entry = entryOf(it.on);
        const { store } = world.worker();
        if (entry.present) await request(store, clock, it.type, world.target(entry)).catch(failed);
        return;
      }
      case 'a retirement': {
        const entry = entryOf(it.on);
        if (entry.present) return;
        witness.retired.add(entry.name);
        return void (await run(retiredTarget(world.target(entry))));
      }
      case 'rotate-secret':
        return rotateSecret(world, world.target(entryOf(it.on)));
      case 'a step dies':
        return dyingSteps(entryOf(it.on), it.effect, it.moment);
      case 'a late step':
        return lateStep(entryOf(it.on), it);
    }
  }

  /** What comes to pass without a call of rekey's; false if it is something else. */
  async function befall(it: Happening): Promise<boolean> {
    const lasting = (lasts: number, arm: () => void) => weather.push({ arm, left: lasts });
    switch (it.what) {
      case 'time passes':
        world.wait(it.ms);
        return true;
      case 'the vendor fails':
        lasting(it.lasts, () => vendor.faults.next(/./, it.fault, it.times));
        return true;
      case 'the registry fails':
        lasting(it.lasts, () => vendor.registryFaults.next(/./, it.fault, it.times));
        return true;
      case 'AWS fails':
        lasting(1, () => aws.faults.next(it.operation, it.fault, it.times));
        return true;
      case 'the registry learns late':
        Object.assign(vendor.behaviour.delays, { create: it.ms, disable: it.ms, delete: it.ms });
        return true;
      case 'ListSecrets lags':
        aws.listLag.ms = it.ms;
        return true;
      case 'foreign labels':
        await foreignLabels(world, world.target(entryOf(it.on)), it.count);
        return true;
      case 'the parameters change': {
        const entry = entryOf(it.on);
        entry.format = entry.format === 'fields' ? 'dockerconfigjson' : 'fields';
        return true;
      }
      case 'the interval changes':
        entryOf(it.on).days = it.days;
        return true;
      case 'the target leaves':
        entryOf(it.on).present = false;
        return true;
      case 'the target returns':
        entryOf(it.on).present = true;
        return true;
      case 'a value by hand':
        await valueByHand(world, witness, world.target(entryOf(it.on)));
        return true;
      case 'AWSCURRENT by hand':
        await currentByHand(world, witness, world.target(entryOf(it.on)), it.pick);
        return true;
      case 'a label off by hand':
        await labelOff(world, witness, world.target(entryOf(it.on)), it.pick);
        return true;
      case 'a credential deleted by hand':
        await deleteAtVendor(world, witness, it.pick);
        return true;
      default:
        return false;
    }
  }

  function clear(): void {
    aws.faults.clear();
    vendor.faults.clear();
    vendor.registryFaults.clear();
  }

  return {
    run,
    look,
    deliver,
    /** Lets it happen, and looks at the world. Faults strike the next things that rekey does. */
    async happen(it: Happening): Promise<void> {
      if (!(await befall(it))) {
        if (it.what === 'rotate-secret' || it.what === 'a step dies') await unmark(world, witness, world.target(entryOf(it.on)));
        for (const one of weather) {
          one.arm();
          one.left -= 1;
        }
        await act(it);
        await aws.idle();
        clear();
        weather.splice(0, weather.length, ...weather.filter(({ left }) => left > 0));
      }
      if (it.what !== 'time passes') await witness.look(people.includes(it.what));
    },
    /** Nothing fails any more. */
    calm(): void {
      clear();
      weather.length = 0;
      aws.listLag.ms = 0;
      Object.assign(vendor.behaviour.delays, { create: 0, disable: 0, delete: 0 });
    },
  };
}
