import { afterEach, describe, expect, test } from 'vitest';
import { SECOND } from '../../../lib/core/time.ts';
import { some, usualOnes } from '../../support/providers.ts';
import { hostileLabels, takeLabelsOff } from './hands.ts';
import {
  busDown,
  busUp,
  current,
  currentState,
  DAY,
  dataOf,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  registryBack,
  registrySilent,
  request,
  rotationRequested,
  time,
  two,
  vendorDown,
  vendorUp,
  worlds,
} from './setup.ts';

const { open, close } = worlds();
afterEach(close);

describe('after an outage of the vendor', () => {
  test.each([
    [some.brief, '75 minutes', 75 * MINUTE, { interval: 30 * MINUTE, grace: 15 * MINUTE }],
    [some.brief, '4 hours', 4 * HOUR, { interval: 30 * MINUTE, grace: 15 * MINUTE }],
    [some.expiring, '16 hours', 16 * HOUR, { interval: 12 * HOUR, grace: 2 * HOUR }],
    [some.unlisted, '3 days', 3 * DAY, { interval: 6 * HOUR, grace: 30 * MINUTE }],
  ])(
    '%s, down for %s: AWSCURRENT is alive ten minutes after the outage, and stays alive',
    async (provider, _long, outage, timing) => {
      const world = await open(provider, timing);
      await issued(world);
      await pass(world, timing.interval * 0.85);
      vendorDown(world);
      await pass(world, outage);
      vendorUp(world);
      await pass(world, 10 * MINUTE);
      const states: string[] = [];
      await pass(world, DAY / 2, { look: async () => states.push(await currentState(world)) });
      expect(new Set(states)).toEqual(new Set(['enabled']));
    },
  );

  test('After an outage a target is rotated before its live credential expires', async () => {
    const world = await open(some.unlisted, { interval: 6 * HOUR, grace: 30 * MINUTE });
    await issued(world);
    await pass(world, 5 * HOUR);
    vendorDown(world);
    await pass(world, 16 * HOUR);
    vendorUp(world);
    const states: string[] = [];
    await pass(world, 2 * DAY, { look: async () => states.push(await currentState(world)) });
    expect(new Set(states)).toEqual(new Set(['enabled']));
  });
});

test('A 429 delays a rotation for as long as the vendor says, without an event', async () => {
  const world = await open(some.deleting);
  const first = await rotationRequested(world);
  world.vendor.faults.next(/POST/, { status: 429, headers: { 'retry-after': '600' } }, 1);
  await pass(world, 20 * MINUTE);
  expect((await current(world)).id).not.toBe(first.id);
  expect(eventData(world, 'Rotation Failed')).toEqual([]);
});

test.each(usualOnes)(
  '%s: the first credential follows ten minutes after outages that used up all labels',
  async (provider) => {
    const verify = { within: 10 * SECOND, every: HOUR };
    // the failed attempts since the last room for a rotation differ with the length of the outage
    for (const minutes of [120, 123, 126, 129, 132, 135, 138]) {
      const world = await open(provider, { verify });
      registrySilent(world);
      await pass(world, minutes * MINUTE);
      registryBack(world);
      busDown(world);
      await pass(world, 5 * MINUTE);
      busUp(world);
      await pass(world, 10 * MINUTE);
      expect(await currentState(world), `${minutes} minutes`).toBe('enabled');
    }
  },
);

describe('a reason that holds a rotation back indefinitely', () => {
  test('a rotation held back by the staging labels of others is announced once', async () => {
    const world = await open(some.deleting);
    const first = await issued(world);
    await hostileLabels(world, 16);
    await world.clock.sleep(HOUR);
    await request(world, 'Rotation Requested');
    await pass(world, 10 * DAY);
    const held = world.published.filter((event) =>
      JSON.stringify(dataOf(event)).includes('label-limit'),
    );
    expect(held.length, 'it is announced').toBeGreaterThan(0);
    expect(new Set(held.map(({ detail }) => detail.metadata.id)).size).toBe(1);
    await takeLabelsOff(world);
    await pass(world, HOUR);
    expect((await current(world)).id).not.toBe(first.id);
  });

  test('a rotation held back by a full vendor account is announced once', async () => {
    const world = await open(some.cramped);
    const [, second] = await two(world);
    await request(world, 'Rotation Requested');
    await world.run();
    await pass(world, 12 * HOUR);
    expect((await current(world)).id).toBe(second.id);
    expect(eventData(world, 'Request Held')).toMatchObject([{ gate: 'too-many-alive' }]);
    await pass(world, 3 * DAY);
    expect((await current(world)).id, 'it is honored when there is room').not.toBe(second.id);
  });
});

test('The retryAt of a failed rotation is always within its maintenance window', async () => {
  const world = await open(some.deleting, {
    window: { cron: '0 3 * * *', timezone: 'UTC', duration: 30 * MINUTE },
  });
  await issued(world);
  vendorDown(world, /POST/);
  await pass(world, 35 * DAY);
  const failed = eventData(world, 'Rotation Failed');
  const promised = failed.flatMap(({ retryAt }) => (retryAt ? [new Date(time(retryAt))] : []));
  expect(failed.length).toBeGreaterThan(0);
  expect(promised.filter((at) => at.getUTCHours() !== 3 || at.getUTCMinutes() > 30)).toEqual([]);
});

test('A target that is retried within minutes is not reported as paused', async () => {
  const world = await open(some.deleting);
  registrySilent(world);
  await pass(world, 6 * HOUR);
  const pauses = world
    .events('Target Paused')
    .map((event) => time(dataOf(event).retryAt) - Number(event.time));
  expect(pauses.filter((pause) => pause < HOUR)).toEqual([]);
});
