import type { InboundType } from '../../../lib/core/events/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { retiredTarget } from '../../../lib/core/jobs/retire.ts';
import { superseded } from '../../../lib/core/ledger/index.ts';
import type { Assignment } from '../../../lib/core/sweep/assign.ts';
import { HOUR, plus, SECOND } from '../../../lib/core/time.ts';
import { crashing } from '../../support/effects.ts';
import type { Expectations } from './expectations.ts';
import {
  currentByHand,
  deleteAtVendor,
  fillAccount,
  foreignLabels,
  labelOff,
  leaveAccount,
  lookAlikes,
  rotateSecret,
  valueByHand,
} from './hands.ts';
import type { Happening } from './happenings.ts';
import { begin } from './outages.ts';
import { sweeping } from './sweeps.ts';
import type { Witness } from './witness.ts';
import { createWorkers } from './workers.ts';
import type { Entry, World } from './world.ts';

export type Happen = ReturnType<typeof createHappen>;

interface Weather {
  readonly arm: () => void;
  left: number;
}

/** Maximum number of waiting messages. Older ones are lost. */
const QUEUED = 20;

const people: readonly Happening['what'][] = [
  'a value by hand',
  'AWSCURRENT by hand',
  'a label off by hand',
  'a credential deleted by hand',
  'foreign labels',
];

/** Applies happenings to a world, one after another. `thrown` collects the errors of workers. */
export function createHappen(
  world: World,
  witness: Witness,
  { taken, reported }: Expectations,
  thrown: unknown[],
) {
  const { aws, clock, vendor } = world;
  const queue: Assignment[] = [];
  const weather: Weather[] = [];
  let lag = 0;

  const { failed, run, work, deliver, look, meanwhile, twoWorkers, lateStep, dyingSteps } =
    createWorkers(world, witness, thrown);

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

  /** Sends a request. A refused request is over; an accepted one must be honored. */
  async function ask(entry: Entry, type: InboundType): Promise<void> {
    if (!entry.present) return;
    const target = world.target(entry);
    const before = await world.ledger(target);
    // no person asks to undo a rollback within the second in which it happened
    const rollbacks = before.versions.filter(({ retirement }) =>
      retirement?.promotion.startsWith('b'),
    );
    const second = Math.floor(Number(clock.now()) / SECOND) * SECOND;
    if (
      type === 'Rollback Requested' &&
      rollbacks.some(({ retirement }) => Number(retirement?.at) >= second)
    )
      world.wait(SECOND);
    const refused = (error: unknown) => {
      failed(error);
      return true;
    };
    if (!(await request(world.worker().store, clock, type, target).catch(refused)))
      return taken(entry.name, type, before);
    // the answer may be lost, and not the report
    const { reportedAt } = await world.ledger(target);
    if (Number(reportedAt) > Number(before.reportedAt ?? 0)) reported(before);
  }

  const liveOn = (ms: number, pace: { longest?: number; every?: number } = {}) =>
    sweeping(world, witness, { look, deliver, run }, plus(clock.now(), ms), pace);

  /** Happens at the end of a grace, if there is one. */
  async function rollbackMeetsRevocation(entry: Entry, effect: number): Promise<void> {
    const { versions } = await world.ledger(world.target(entry));
    const ends = versions
      .filter(superseded)
      .flatMap(({ revokeAfter, disabledAt }) => (disabledAt || !revokeAfter ? [] : [revokeAfter]));
    const [end] = ends.filter((time) => time > clock.now()).sort((a, b) => Number(a) - Number(b));
    if (!end) return;
    clock.jumpTo(end);
    await witness.glance();
    await meanwhile(entry, effect, async () => {
      await ask(entry, 'Rollback Requested');
      await work(entry);
    });
  }

  async function outage({ of, ms }: Extract<Happening, { what: 'an outage' }>): Promise<void> {
    const { over } = begin(world, of);
    // every sweep of its first half hour, then one of six, to keep long outages fast
    const first = Math.min(ms, HOUR / 2);
    await liveOn(first);
    if (ms > first) await liveOn(ms - first, { longest: HOUR, every: HOUR / 2 });
    over();
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
      case 'a request':
        return ask(entryOf(it.on), it.type);
      case 'life goes on':
        return liveOn(it.ms);
      case 'an outage':
        return outage(it);
      case 'a rollback meets a revocation':
        return rollbackMeetsRevocation(entryOf(it.on), it.effect);
      case 'a request meets a worker': {
        const entry = entryOf(it.on);
        return meanwhile(entry, it.effect, async () => {
          await ask(entry, it.type);
          await work(entry);
        });
      }
      case 'rotate-secret meets a worker': {
        const entry = entryOf(it.on);
        return meanwhile(entry, it.effect, () => rotateSecret(world, world.target(entry)));
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

  /** Applies a happening that needs no call of rekey. Returns false for any other. */
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
        lag = it.ms;
        vendor.lag(lag);
        return true;
      case 'ListSecrets lags':
        aws.listLag.ms = it.ms;
        return true;
      case 'the replicas lag':
        aws.replicationLag.ms = it.ms;
        return true;
      case 'look-alikes':
        await lookAlikes(world, world.target(entryOf(it.on)), it.count);
        return true;
      case 'the account is full':
        fillAccount(world);
        return true;
      case 'the account has room':
        await leaveAccount(world, witness);
        return true;
      case 'the target moves': {
        const entry = entryOf(it.on);
        entry.moved = world.vendor.all.length > 1 && !entry.moved;
        entry.former = world.vendor.all.length > 1 && it.former;
        return true;
      }
      case 'the window changes': {
        const entry = entryOf(it.on);
        entry.windowed = !entry.windowed;
        return true;
      }
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
    /** Applies a happening and checks the world. Faults strike the next calls of rekey. */
    async happen(it: Happening): Promise<void> {
      await witness.glance();
      if (!(await befall(it))) {
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
    /**
     * Ends all failures. Resolves to the time that the registry may still need to learn of changes.
     */
    calm(): number {
      clear();
      aws.replicationLag.ms = 0;
      weather.length = 0;
      aws.listLag.ms = 0;
      vendor.lag(0);
      return lag;
    },
  };
}
