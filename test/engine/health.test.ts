import { afterEach, describe, expect, test } from 'vitest';
import type { Verdict } from '../../lib/core/ports.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';
import { oneOfEach, some } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';
import { checked, endedByHand } from './worst-day/hands.ts';

let world: World;
afterEach(() => world.close());

/** A worker whose registry gives this verdict. */
const answering = (verdict: Verdict): Engine => ({
  ...world.worker(),
  registry: { check: async () => verdict },
});

const health = () =>
  world.events('Health Changed').map(({ detail }) => (detail.data as { healthy: boolean }).healthy);
const currentId = async () => (await world.ledger()).current?.id;

describe.each(
  oneOfEach(['lists', 'disables'], { revokes: true, cramped: false, readsAgain: false }),
)('%s', (provider) => {
  test('a current credential revoked by hand is noticed, announced, and replaced', async () => {
    world = await createWorld(provider);
    await world.run();
    await world.clock.sleep(HOUR);
    await endedByHand(world);
    const before = await currentId();
    expect((await checked(world)).decision).toMatchObject({
      action: 'wait',
      next: { reason: 'refused-once' },
    });
    expect([await currentId(), health()]).toEqual([before, []]);
    await world.clock.sleep(5 * MINUTE);
    await world.run();
    expect(health()).toEqual([false]);
    expect((await world.ledger()).current?.credential?.reason).toBe('unhealthy');
    await world.live(3 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });
});

describe('a check', () => {
  test('a check that is accepted changes nothing and costs one read of the secret', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    const before = await world.ledger();
    world.aws.calls.reset();
    await checked(world);
    expect(world.aws.calls.all().map(({ operation }) => operation)).toEqual([
      'secretsmanager.DescribeSecret',
      'secretsmanager.GetSecretValue',
    ]);
    expect(await world.ledger()).toEqual(before);
  });

  test.each<[string, Verdict]>([
    ['no answer', { outcome: 'unknown', cause: 'unreachable' }],
    ['a rate limit', { outcome: 'unknown', cause: 'throttled' }],
    ['an allow-list', { outcome: 'unknown', cause: 'not-allowed' }],
    ['missing rights', { outcome: 'lacks-rights', missing: ['pull'] }],
  ])('a check answered by %s never rotates', async (_what, verdict) => {
    world = await createWorld(some.disabling);
    await world.run();
    await world.clock.sleep(HOUR);
    const before = await currentId();
    for (let hour = 0; hour < 5; hour++) {
      await checked(world, answering(verdict));
      await world.clock.sleep(HOUR);
    }
    expect([await currentId(), health()]).toEqual([before, []]);
  });

  test('a refusal followed by an acceptance changes nothing', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    await world.clock.sleep(HOUR);
    const before = await world.ledger();
    await checked(world, answering({ outcome: 'refused' }));
    await world.clock.sleep(5 * MINUTE);
    await world.run();
    expect(await world.ledger()).toEqual(before);
    expect(health()).toEqual([]);
  });

  test('after one refusal and no verdict the check is repeated, and nothing rotates', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    await world.clock.sleep(HOUR);
    const before = await currentId();
    await checked(world, answering({ outcome: 'refused' }));
    for (let round = 0; round < 3; round++) {
      await world.clock.sleep(5 * MINUTE);
      expect(
        (await world.run(answering({ outcome: 'unknown', cause: 'failed' }))).steps,
      ).toHaveLength(1);
    }
    expect([await currentId(), health()]).toEqual([before, []]);
  });

  test('a registry that refuses every login is announced once, as is its recovery', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    await world.clock.sleep(HOUR);
    const before = await currentId();
    await checked(world, answering({ outcome: 'refused' }));
    await world.clock.sleep(5 * MINUTE);
    await world.run(answering({ outcome: 'refused' }));
    expect([await currentId(), health()]).toEqual([before, [false]]);
    await world.clock.sleep(MINUTE / 2);
    await checked(world);
    expect(health()).toEqual([false, true]);
    await world.live(4 * DAY);
    await world.holds();
  });
});
