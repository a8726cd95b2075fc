import { afterEach, describe, expect, test } from 'vitest';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { plus, SECOND } from '../../../lib/core/time.ts';
import type { Mood } from '../../../lib/sandbox/registry/index.ts';
import { oneOfEach, repositoryOf, some } from '../../support/providers.ts';
import { checked, endedByHand } from './hands.ts';
import {
  busDown,
  busUp,
  count,
  current,
  currentState,
  DAY,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  pulling,
  request,
  rotated,
  type World,
  well,
  worlds,
} from './setup.ts';

const opened = worlds();
afterEach(() => opened.close());

describe('an expired credential that cannot be proven dead', () => {
  /** Moods in which the registry does not prove an expired credential dead. */
  const moods: readonly [string, Mood][] = [
    ['gives every login a token that opens nothing', 'anonymous'],
  ];

  test.each(moods)(
    'an expired credential delays no rotation at a registry that %s',
    async (_what, mood) => {
      const world = await opened.open(some.expiring, {
        interval: 6 * HOUR,
        grace: HOUR,
        ...pulling('team/app', SECOND),
      });
      world.vendor.behaviour.registry = mood;
      let dead = 0;
      for (let hour = 0; hour < 72; hour++) {
        await world.live(HOUR);
        if ((await currentState(world)) !== 'enabled') dead += 1;
      }
      expect(dead).toBe(0);
      expect(count(world, 'Credential Rotated')).toBeGreaterThanOrEqual(11);
    },
  );
});

describe.each(oneOfEach(['lists', 'disables', 'readsAgain'], { revokes: true, cramped: false }))(
  '%s',
  (provider) => {
    const repositories: readonly [string, Partial<Target>][] = [
      ['no repository', {}],
      ['a repository', pulling(repositoryOf(provider))],
    ];

    /**
     * A world with a current and a superseded credential.
     */
    async function superseded(change: Partial<Target>) {
      const world = await opened.open(provider, { interval: 30 * DAY, grace: DAY, ...change });
      await issued(world);
      await rotated(world);
      return world;
    }

    test.each(repositories)(
      'a registry that refuses every login proves no credential dead (%s)',
      async (_what, change) => {
        const world = await superseded(change);
        world.vendor.behaviour.registry = 'refuses';
        const now = await current(world);
        const before = count(world, 'Credential Revoked');
        await world.live(30 * HOUR);
        expect(count(world, 'Credential Revoked')).toBe(before);
        expect((await current(world)).id).toBe(now.id);
        world.vendor.behaviour.registry = 'own';
        await pass(world, 2 * DAY);
        expect(count(world, 'Credential Revoked')).toBe(before + 1);
        await well(world);
      },
    );

    test.each(repositories)(
      'a proof waits for a registry that refuses every login for a minute (%s)',
      async (_what, change) => {
        const world = await superseded(change);
        const before = count(world, 'Credential Revoked');
        const { clock } = world;
        const ends = (await world.ledger()).versions.flatMap(
          ({ revokeAfter }) => revokeAfter ?? [],
        );
        await world.live(Number(ends[0]) - clock.now().getTime() - SECOND);
        clock.jumpTo(plus(clock.now(), SECOND));
        world.vendor.behaviour.registry = 'refuses';
        const until = clock.now().getTime() + MINUTE;
        const engine = world.worker();
        const registry = {
          check: (...question: Parameters<typeof engine.registry.check>) => {
            if (clock.now().getTime() >= until) world.vendor.behaviour.registry = 'own';
            return engine.registry.check(...question);
          },
        };
        for (let runs = 0; runs < 3; runs++) {
          const { decision } = await world.run({ ...engine, registry });
          if (count(world, 'Credential Revoked') > before) break;
          world.clock.jumpTo(
            decision.action === 'wait' ? (decision.at ?? clock.now()) : clock.now(),
          );
        }
        expect(count(world, 'Credential Revoked')).toBe(before + 1);
        expect(clock.now().getTime()).toBeGreaterThanOrEqual(until);
        expect(count(world, 'Revocation Failed')).toBe(0);
        await well(world);
      },
    );

    test('while a registry accepts every login, nothing is promoted or ended', async () => {
      // hundreds of runs, for ten seconds each instead of two minutes
      const world = await superseded({ verify: { within: 10 * SECOND, every: HOUR } });
      const now = await current(world);
      world.vendor.behaviour.registry = 'accepts';
      await world.clock.sleep(HOUR);
      await request(world, 'Rotation Requested');
      await world.live(3 * DAY);
      expect(
        [count(world, 'Revocation Failed'), count(world, 'Rotation Failed')].every(
          (failures) => failures > 0,
        ),
      ).toBe(true);
      expect((await current(world)).id).toBe(now.id);
      expect(await currentState(world)).toBe('enabled');
      world.vendor.behaviour.registry = 'own';
      await pass(world, 2 * DAY);
      await well(world);
    });
  },
);

describe('AWSCURRENT that ended by hand', () => {
  test('a dead AWSCURRENT is not reported healthy while every login is accepted', async () => {
    const world = await opened.open(some.disabling);
    await issued(world);
    await endedByHand(world);
    await world.clock.sleep(HOUR);
    await checked(world);
    world.vendor.behaviour.registry = 'accepts';
    for (let hour = 0; hour < 5; hour++) {
      await checked(world);
      await world.clock.sleep(HOUR);
    }
    expect((await current(world)).refused).toBeDefined();
    expect(eventData(world, 'Health Changed')).toEqual([]);
    world.vendor.behaviour.registry = 'own';
    await pass(world, HOUR);
    expect(await currentState(world)).toBe('enabled');
    await world.live(3 * DAY);
    await well(world);
  });
});

describe('the control of a proof in an event', () => {
  const proofs = (world: World) => eventData(world, 'Credential Revoked').map(({ proof }) => proof);

  test('the control of a proof is the current credential, which is accepted', async () => {
    const world = await opened.open(some.deleting);
    await issued(world);
    await rotated(world);
    await world.live(2 * DAY);
    expect(proofs(world)).toMatchObject([
      { kind: 'refused-by-registry', control: 'current-credential' },
    ]);
  });

  test('the control of a proof is the provider if a retired target has no current', async () => {
    const world = await opened.open(some.deleting);
    await issued(world);
    await pass(world, HOUR, { target: { ...world.target, retired: true } });
    expect(proofs(world)).toMatchObject([{ kind: 'refused-by-registry', control: 'provider' }]);
  });

  test('a proof keeps its control if its event is published later', async () => {
    const world = await opened.open(some.disabling);
    await issued(world);
    await rotated(world);
    busDown(world);
    await pass(world, 30 * HOUR);
    expect(proofs(world)).toEqual([]);
    busUp(world);
    await pass(world, HOUR);
    expect(proofs(world)).toMatchObject([
      { kind: 'refused-by-registry', control: 'current-credential' },
    ]);
  });
});
