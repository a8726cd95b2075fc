import { afterEach, describe, expect, test } from 'vitest';
import { some, usualOnes } from '../../support/providers.ts';
import { drivenBySecretsManager } from './native.ts';
import {
  about,
  busDown,
  busUp,
  current,
  currentState,
  DAY,
  HOUR,
  issued,
  MINUTE,
  pass,
  request,
  rotated,
  state,
  vendorDown,
  vendorUp,
  worlds,
} from './setup.ts';

const { open, close } = worlds();
afterEach(close);

describe('while EventBridge takes nothing', () => {
  test('short-lived credentials are renewed without EventBridge, and announced later', async () => {
    const world = await open(some.brief, { interval: 30 * MINUTE, grace: 15 * MINUTE });
    await issued(world);
    busDown(world);
    const states: string[] = [];
    await pass(world, 3 * HOUR, { look: async () => states.push(await currentState(world)) });
    expect(new Set(states)).toEqual(new Set(['enabled']));
    busUp(world);
    await pass(world, 10 * MINUTE);
    expect(about(world, await current(world), 'Credential Rotated').length).toBeGreaterThan(0);
  });

  test.each(usualOnes)(
    '%s: a compromised credential dies without EventBridge, and is announced later',
    async (provider) => {
      const world = await open(provider);
      const leaked = [await issued(world), await rotated(world)];
      await world.clock.sleep(HOUR);
      busDown(world);
      await request(world, 'Credential Compromised');
      await pass(world, HOUR);
      expect(leaked.map((one) => ['disabled', 'deleted'].includes(state(world, one)))).toEqual([
        true,
        true,
      ]);
      expect(await currentState(world)).toBe('enabled');
      busUp(world);
      await pass(world, HOUR);
      expect(leaked.map((one) => about(world, one, 'Credential Revoked').length > 0)).toEqual([
        true,
        true,
      ]);
    },
  );

  test('each version that became current without EventBridge is announced later', async () => {
    const world = await open(some.deleting);
    await issued(world);
    busDown(world);
    const second = await rotated(world).catch(() => current(world));
    const third = await rotated(world).catch(() => current(world));
    busUp(world);
    await pass(world, HOUR);
    expect(about(world, third, 'Credential Rotated').length, 'the current one').toBeGreaterThan(0);
    expect(about(world, second, 'Credential Rotated').length, 'the previous one').toBeGreaterThan(
      0,
    );
  });
});

test.each(usualOnes)('%s: the grace begins when the successor is announced', async (provider) => {
  const grace = 12 * HOUR;
  const world = await open(provider, { grace });
  const first = await issued(world);
  await world.clock.sleep(HOUR);
  busDown(world);
  await request(world, 'Rotation Requested');
  await pass(world, 13 * HOUR);
  busUp(world);
  await pass(world, 5 * MINUTE);
  const [announced] = about(world, await current(world), 'Credential Rotated');
  expect(announced).toBeDefined();
  await pass(world, grace - 10 * MINUTE);
  expect(state(world, first)).toBe('enabled');
});

describe('driven by Secrets Manager', () => {
  test('a native rollback is announced although RotateSecret is refused before that', async () => {
    const world = await open(some.cramped, { driver: 'secrets-manager' });
    const { work, rotateSecret } = await drivenBySecretsManager(world);
    await work();
    const first = await current(world);
    await world.clock.sleep(2 * DAY);
    await rotateSecret();
    await world.clock.sleep(HOUR);
    await request(world, 'Rollback Requested');
    busDown(world);
    await work();
    expect((await current(world)).id).toBe(first.id);
    await rotateSecret();
    busUp(world);
    await pass(world, HOUR);
    expect((await current(world)).id).toBe(first.id);
    expect(about(world, first, 'Rolled Back').length).toBeGreaterThan(0);
  });

  test('a native rollback is announced although RotateSecret fails before that', async () => {
    const world = await open(some.deleting, { driver: 'secrets-manager' });
    const { work, rotateSecret } = await drivenBySecretsManager(world);
    await work();
    const first = await current(world);
    await world.clock.sleep(2 * DAY);
    await rotateSecret();
    await world.clock.sleep(HOUR);
    await request(world, 'Rollback Requested');
    busDown(world);
    await work();
    expect((await current(world)).id).toBe(first.id);
    vendorDown(world, /POST/);
    await rotateSecret();
    busUp(world);
    await pass(world, 20 * MINUTE);
    vendorUp(world);
    await pass(world, HOUR);
    expect(about(world, first, 'Rolled Back').length).toBeGreaterThan(0);
  });

  test('a native rotation is announced after a day without EventBridge', async () => {
    const world = await open(some.cramped, { driver: 'secrets-manager', soak: 2 * DAY });
    const { work, rotateSecret } = await drivenBySecretsManager(world);
    await work();
    await world.clock.sleep(2 * DAY);
    busDown(world);
    await rotateSecret();
    const promoted = await current(world);
    await pass(world, 25 * HOUR);
    await rotateSecret();
    busUp(world);
    await pass(world, HOUR);
    expect((await current(world)).id).toBe(promoted.id);
    expect(about(world, promoted, 'Credential Rotated').length).toBeGreaterThan(0);
  });
});
