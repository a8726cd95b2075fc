import { afterEach, describe, expect, test } from 'vitest';
import { disablingOnes, some, usualOnes } from '../../support/providers.ts';
import {
  busDown,
  busUp,
  current,
  currentState,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  registryBack,
  registrySilent,
  request,
  requested,
  rotationRequested,
  soaking,
  state,
  two,
  vendorDown,
  vendorUp,
  worlds,
} from './setup.ts';

const { open, close } = worlds();
afterEach(close);

const dead = ['disabled', 'deleted'];

describe.each(usualOnes)('%s', (provider) => {
  test('A reported compromise survives a rollback that was waiting to be proven', async () => {
    const world = await open(provider);
    const leaked = await two(world);
    await request(world, 'Rollback Requested');
    registrySilent(world);
    await world.run().catch(() => {});
    await request(world, 'Credential Compromised');
    registryBack(world);
    await pass(world, 2 * HOUR);
    expect(leaked.map((one) => dead.includes(state(world, one)))).toEqual([true, true]);
    expect(await currentState(world)).toBe('enabled');
  });

  test('A reported compromise survives a rollback that was not announced yet', async () => {
    const world = await open(provider);
    const leaked = await two(world);
    await request(world, 'Rollback Requested');
    busDown(world);
    await world.run().catch(() => {});
    await request(world, 'Credential Compromised');
    busUp(world);
    await pass(world, 2 * HOUR);
    expect(leaked.map((one) => dead.includes(state(world, one)))).toEqual([true, true]);
    expect(await currentState(world)).toBe('enabled');
  });

  test('A rotation requested before a rollback is announced is done or answered', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await request(world, 'Rollback Requested');
    busDown(world);
    await world.run().catch(() => {});
    await world.clock.sleep(MINUTE);
    const taken = await requested(world, 'Rotation Requested');
    busUp(world);
    await pass(world, HOUR);
    const answered = ['Request Held', 'Rotation Failed'].flatMap((type) => eventData(world, type));
    expect(!taken || (await current(world)).id !== first.id || answered.length > 0).toBe(true);
  });

  test('After admin failures one more vendor error keeps no leaked credential alive', async () => {
    const world = await open(provider);
    await rotationRequested(world);
    world.vendor.faults.next(/POST/, { status: 403 }, 1000);
    await pass(world, 10 * HOUR);
    vendorUp(world);
    const leaked = await current(world);
    await request(world, 'Credential Compromised');
    world.vendor.faults.next(/POST/, { status: 503 }, 1);
    await world.run().catch(() => {});
    vendorUp(world);
    await pass(world, 15 * MINUTE);
    expect(dead).toContain(state(world, leaked));
    expect(await currentState(world)).toBe('enabled');
  });

  test('A compromise reported again starts the work again', async () => {
    const world = await open(provider);
    const leaked = await issued(world);
    await world.clock.sleep(HOUR);
    await request(world, 'Credential Compromised');
    vendorDown(world, /POST/);
    await pass(world, 8 * HOUR);
    vendorUp(world);
    await request(world, 'Credential Compromised');
    await world.run().catch(() => {});
    await world.run().catch(() => {});
    expect(dead).toContain(state(world, leaked));
  });
});

describe.each(disablingOnes)('%s', (provider) => {
  test.each([
    ['after its successor is issued', true],
    ['before a worker has acted on the report', false],
  ])(
    'A rollback %s brings back no credential that was in its soak when the leak was reported',
    async (_when, acted) => {
      const world = await open(provider);
      const first = await soaking(world);
      expect(state(world, first), 'it is in its soak').toBe('disabled');
      await request(world, 'Credential Compromised');
      if (acted) await world.run();
      await requested(world, 'Rollback Requested');
      await world.run().catch(() => {});
      await pass(world, HOUR);
      expect(dead).toContain(state(world, first));
      expect((await current(world)).id).not.toBe(first.id);
      expect(await currentState(world)).toBe('enabled');
    },
  );

  test('A compromised credential is not kept for a soak', async () => {
    const world = await open(provider);
    const [first, second] = await two(world);
    await request(world, 'Credential Compromised');
    await pass(world, 30 * MINUTE);
    expect([state(world, first), state(world, second)]).toEqual(['deleted', 'deleted']);
  });
});

describe('huawei-swr-access-key, which has room for two keys', () => {
  test.each([
    ['an hour after a rotation', 0],
    ['while the previous key soaks', 25 * HOUR],
  ])('A compromise reported %s is over within half an hour', async (_when, later) => {
    const world = await open(some.cramped);
    const leaked = await two(world);
    await pass(world, later);
    await request(world, 'Credential Compromised');
    await pass(world, 30 * MINUTE);
    expect(leaked.map((one) => dead.includes(state(world, one)))).toEqual([true, true]);
    expect(await currentState(world)).toBe('enabled');
    expect(leaked.map(({ id }) => id)).not.toContain((await current(world)).id);
  });
});
