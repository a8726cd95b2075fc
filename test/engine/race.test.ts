import { describe, expect, test } from 'vitest';
import { request } from '../../lib/core/jobs/requests.ts';
import { stalling } from '../support/effects.ts';
import { everyEffect } from '../support/every-effect.ts';
import { some, usualOnes } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

/*
 * One worker stalls before its n-th effect, for every n. Meanwhile others do all of their work,
 * then it continues with its old view. Nothing is locked, so the invariants must hold in every
 * order.
 */
const requestFor = (world: World, type: Parameters<typeof request>[2]) =>
  request(world.worker().store, world.clock, type, world.target);

const rotationDue = async (world: World) => {
  await world.run();
  await world.clock.sleep(HOUR);
  await requestFor(world, 'Rotation Requested');
};
const superseded = async (world: World) => {
  await rotationDue(world);
  await world.run();
  await world.clock.sleep(HOUR);
};

interface Race {
  readonly name: string;
  readonly before: (world: World) => Promise<void>;
  readonly meanwhile: (world: World) => Promise<unknown>;
}

const races: readonly Race[] = [
  {
    name: 'two workers issue the first credential',
    before: async () => {},
    meanwhile: (world) => world.run(),
  },
  { name: 'two workers rotate', before: rotationDue, meanwhile: (world) => world.run() },
  {
    name: 'a worker comes four minutes after one that stalls in a rotation',
    before: rotationDue,
    async meanwhile(world) {
      await world.clock.sleep(4 * MINUTE);
      await world.run();
    },
  },
  {
    name: 'two workers revoke',
    async before(world) {
      await superseded(world);
      await world.clock.sleep(DAY);
    },
    meanwhile: (world) => world.run(),
  },
  {
    name: 'a compromise becomes known during a rotation',
    before: rotationDue,
    async meanwhile(world) {
      await requestFor(world, 'Credential Compromised');
      await world.run();
    },
  },
  {
    name: 'a compromise becomes known during a rollback',
    async before(world) {
      await superseded(world);
      await requestFor(world, 'Rollback Requested');
    },
    async meanwhile(world) {
      await requestFor(world, 'Credential Compromised');
      await world.run();
    },
  },
  {
    name: 'a rollback is requested while another worker looks at what is due',
    before: superseded,
    async meanwhile(world) {
      await requestFor(world, 'Rollback Requested').catch(() => {});
      await world.run();
    },
  },
  {
    name: 'a rollback is requested while a worker is busy with an older credential',
    async before(world) {
      await superseded(world);
      await requestFor(world, 'Rotation Requested');
      await world.run();
      await world.clock.sleep(DAY - HOUR + MINUTE);
    },
    async meanwhile(world) {
      await requestFor(world, 'Rollback Requested');
      await world.run();
      await world.clock.sleep(HOUR);
    },
  },
];

describe.each(usualOnes)('%s', (provider) => {
  test.each(races)(
    '$name: a stall before any effect loses nothing and revokes nothing early',
    async ({ before, meanwhile }) => {
      for (const effect of everyEffect()) {
        const world = await createWorld(provider);
        try {
          await before(world);
          await world.stall(effect, () => meanwhile(world));
          await expect(
            world.holdsAtAnyTime(),
            `stalled before effect ${effect}`,
          ).resolves.toBeUndefined();
          await world.live(4 * DAY);
          await expect(world.holds(), `stalled before effect ${effect}`).resolves.toBeUndefined();
          expect(world.enabled(), `stalled before effect ${effect}`).toHaveLength(1);
        } finally {
          await world.close();
        }
      }
    },
  );

  test('eight workers at once leave one live successor, and nothing else alive', async () => {
    const world = await createWorld(provider);
    try {
      await rotationDue(world);
      await Promise.allSettled(Array.from({ length: 8 }, () => world.run()));
      await world.holdsAtAnyTime();
      await world.live(4 * DAY);
      await world.holds();
      expect(world.enabled()).toHaveLength(1);
      expect(
        new Set(world.events('Credential Rotated').map(({ detail }) => detail.metadata.id)).size,
      ).toBe(2);
    } finally {
      await world.close();
    }
  });
});

test('a rollback begun before a compromise does not meet the revocations after it', async () => {
  // the worker that rolls back stalls before its second effect; the worker that revokes stalls
  // before each of its effects
  for (const effect of everyEffect()) {
    const world = await createWorld(some.disabling);
    try {
      // too young to be rotated again, so that the compromise is followed by a revocation at once
      await rotationDue(world);
      await world.run();
      await requestFor(world, 'Rollback Requested');
      const first = stalling(world.worker(), 2);
      const rollingBack = world.run(first.engine).catch(() => {});
      await first.stalled;
      await requestFor(world, 'Credential Compromised');
      await world.stall(effect, async () => {
        first.release();
        await rollingBack;
      });
      first.release();
      await rollingBack;
      await world.holdsAtAnyTime();
      await world.live(4 * DAY);
      await world.holds();
    } finally {
      await world.close();
    }
  }
});
