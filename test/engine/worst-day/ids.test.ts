import { afterEach, describe, expect, test } from 'vitest';
import type { RekeyEvent } from '../../../lib/core/events/index.ts';
import { announcePlan } from '../../../lib/core/jobs/plan.ts';
import { announceRemoved } from '../../../lib/core/jobs/removed.ts';
import type { Verdict } from '../../../lib/core/ports.ts';
import { reconcile } from '../../../lib/core/reconcile/index.ts';
import { sweep } from '../../../lib/core/sweep/index.ts';
import { some } from '../../support/providers.ts';
import { drivenBySecretsManager } from './native.ts';
import type { World } from './setup.ts';
import {
  about,
  current,
  DAY,
  dataOf,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  request,
  soaking,
  two,
  vendorDown,
  vendorUp,
  worlds,
} from './setup.ts';

const { open, close } = worlds();
afterEach(close);

const ids = (events: readonly RekeyEvent[]): readonly string[] =>
  events.map(({ detail }) => detail.metadata.id);
const distinct = (events: readonly RekeyEvent[]): number => new Set(ids(events)).size;

/** Checks the current credential at a registry that gives this verdict to every login. */
async function checkWith(world: World, verdict: Verdict): Promise<void> {
  const engine = { ...world.worker(), registry: { check: async () => verdict } };
  await reconcile(engine, world.target, {
    signal: new AbortController().signal,
    correlationId: 'test',
    checked: true,
  });
}

describe('Different transitions have different ids', () => {
  test('Refusals of a credential on two days have different ids', async () => {
    const world = await open(some.disabling);
    await issued(world);
    for (let day = 0; day < 2; day++) {
      await world.clock.sleep(DAY);
      await checkWith(world, { outcome: 'refused' });
      await world.clock.sleep(5 * MINUTE);
      await checkWith(world, { outcome: 'refused' });
      await world.clock.sleep(MINUTE / 2);
      await checkWith(world, { outcome: 'accepted' });
    }
    const unhealthy = world
      .events('Health Changed')
      .filter((event) => dataOf(event).healthy === false);
    expect(distinct(unhealthy)).toBe(unhealthy.length);
  });

  test('A refused rollback and a later failed rotation have different ids', async () => {
    const world = await open(some.deleting);
    await two(world);
    await request(world, 'Rollback Requested');
    await request(world, 'Credential Compromised');
    vendorDown(world, /POST/);
    await pass(world, 30 * MINUTE);
    const failed = [...world.events('Rotation Failed'), ...world.events('Rollback Failed')];
    expect(failed.length).toBeGreaterThan(1);
    expect(distinct(failed)).toBe(failed.length);
  });

  test('Failures under parameters that change and change back have different ids', async () => {
    const world = await open(some.deleting);
    await issued(world);
    await world.clock.sleep(HOUR);
    vendorDown(world, /POST/);
    for (const spec of ['beef0001', 'beef0002', 'beef0001']) {
      await world.run(world.worker(), { ...world.target, spec }).catch(() => {});
      await world.clock.sleep(20_000);
    }
    const failed = world.events('Rotation Failed');
    expect(failed).toHaveLength(3);
    expect(distinct(failed)).toBe(3);
  });

  test('A rotation and a compromise held in the same second have different ids', async () => {
    const world = await open(some.deleting);
    await issued(world);
    await world.clock.sleep(MINUTE);
    await request(world, 'Rotation Requested');
    await request(world, 'Credential Compromised');
    await pass(world, 10 * MINUTE);
    const held = world.events('Request Held');
    const requests = new Set(held.map((event) => `${dataOf(event).request} ${dataOf(event).gate}`));
    expect(distinct(held)).toBe(requests.size);
  });

  test('Two removals of the same target have different ids', async () => {
    const world = await open(some.deleting);
    await issued(world);
    for (let time = 0; time < 2; time++) {
      const { removed } = await sweep(world.worker(), { id: world.target.fleet, targets: [] });
      for (const secret of removed)
        await announceRemoved(world.worker(), world.target.fleet, secret, 'test');
      await world.clock.sleep(HOUR);
      await world.run();
      await pass(world, DAY);
    }
    expect(distinct(world.events('Target Removed'))).toBe(2);
  });
});

describe('a repeated event', () => {
  test('A repeat of Credential Rotated is equal after its predecessor was revoked', async () => {
    const world = await open(some.deleting, { driver: 'secrets-manager', grace: HOUR });
    const { work, rotateSecret } = await drivenBySecretsManager(world);
    await work();
    await world.clock.sleep(HOUR);
    await rotateSecret();
    const second = await current(world);
    await pass(world, 3 * HOUR);
    await rotateSecret();
    const rotations = about(world, second, 'Credential Rotated').map(({ detail }) => detail.data);
    expect(new Set(rotations.map((data) => JSON.stringify(data))).size).toBe(1);
  });

  test('A plan announced again twenty minutes later has the same id', async () => {
    const world = await open(some.deleting);
    await issued(world);
    await world.clock.sleep(27 * MINUTE);
    await request(world, 'Rotation Requested');
    await announcePlan(world.worker(), world.target, 'test');
    await world.clock.sleep(20 * MINUTE);
    await announcePlan(world.worker(), world.target, 'test');
    expect(distinct(world.events('Action Planned'))).toBe(1);
  });
});

describe('Target Removed', () => {
  test('Target Removed does not count disabled credentials as alive', async () => {
    const world = await open(some.disabling);
    await soaking(world);
    expect(world.enabled()).toHaveLength(1);
    const { removed } = await sweep(world.worker(), { id: world.target.fleet, targets: [] });
    for (const secret of removed)
      await announceRemoved(world.worker(), world.target.fleet, secret, 'test');
    expect(eventData(world, 'Target Removed')).toMatchObject([{ liveCredentials: 1 }]);
  });

  test('Target Removed does not count expired credentials as alive', async () => {
    const world = await open(some.unlisted, { interval: 6 * HOUR, grace: 30 * MINUTE });
    await issued(world);
    vendorDown(world);
    await pass(world, 3 * DAY);
    vendorUp(world);
    expect(world.enabled()).toEqual([]);
    const { removed } = await sweep(world.worker(), { id: world.target.fleet, targets: [] });
    for (const secret of removed)
      await announceRemoved(world.worker(), world.target.fleet, secret, 'test');
    expect(eventData(world, 'Target Removed')).toMatchObject([{ liveCredentials: 0 }]);
  });
});
