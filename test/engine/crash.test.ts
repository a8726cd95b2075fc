import { describe, expect, test } from 'vitest';
import type { Target } from '../../lib/core/fleet/index.ts';
import { request } from '../../lib/core/requests.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

/*
 * A worker dies at its n-th effect, for every n, before the call and after it; then time passes and other workers come.
 * What must hold is said of the world: what lives at the vendor, what the store holds, what was announced.
 */
interface Scenario {
  readonly name: string;
  readonly change?: Partial<Target>;
  /** Brings the world to the moment before the transition. */
  readonly before: (world: World) => Promise<void>;
  /** What must be true in the end, besides the invariants. */
  readonly after: (world: World) => Promise<void>;
}

const rotateNow = async (world: World) => {
  await world.clock.sleep(HOUR);
  await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
};
const issued = async (world: World) => void (await world.run());
const rotated = async (world: World) => {
  await issued(world);
  await rotateNow(world);
  await world.run();
};

const scenarios: readonly Scenario[] = [
  {
    name: 'the first issue',
    before: async () => {},
    async after(world) {
      expect(world.enabled()).toHaveLength(1);
    },
  },
  {
    name: 'a rotation',
    async before(world) {
      await issued(world);
      await rotateNow(world);
    },
    async after(world) {
      expect(world.enabled()).toHaveLength(1);
      expect((await world.ledger()).current?.credential?.reason).toBe('requested');
      expect(new Set(world.events('Credential Rotated').map(({ detail }) => detail.metadata.id)).size).toBe(2);
    },
  },
  {
    name: 'a revocation',
    async before(world) {
      await rotated(world);
      await world.clock.sleep(DAY + MINUTE);
    },
    async after(world) {
      expect(world.enabled()).toHaveLength(1);
      expect(new Set(world.events('Credential Revoked').map(({ detail }) => detail.metadata.id)).size).toBe(1);
    },
  },
  {
    name: 'a roll-back',
    async before(world) {
      await rotated(world);
      await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
    },
    async after(world) {
      const { current } = await world.ledger();
      expect(current?.credential?.reason).toBe('never-issued');
      expect(world.enabled()).toHaveLength(1);
    },
  },
  {
    name: 'a compromise',
    async before(world) {
      await rotated(world);
      await world.clock.sleep(HOUR);
      await request(world.worker().store, world.clock, 'Credential Compromised', world.target);
    },
    async after(world) {
      expect(world.enabled()).toHaveLength(1);
      expect((await world.ledger()).current?.credential?.reason).toBe('compromised');
    },
  },
];

describe.each(['ionos', 'deepgram'])('%s', (provider) => {
  describe.each(scenarios)('$name', ({ before, after, change }) => {
    test.each(['before', 'after'] as const)('a crash %s any effect, then a retry, loses nothing', async (moment) => {
      for (let effect = 1; ; effect++) {
        const world = await createWorld(provider, change);
        try {
          await before(world);
          const died = await world.crash(effect, moment);
          await expect(world.holdsAtAnyTime(), `${moment} effect ${effect}`).resolves.toBeUndefined();
          await world.live(4 * DAY);
          await expect(world.holds(), `${moment} effect ${effect}`).resolves.toBeUndefined();
          await after(world).catch((error: Error) => {
            throw new Error(`${moment} effect ${effect}: ${error.message}`);
          });
          if (!died) {
            expect(effect, 'the scenario has effects to die at').toBeGreaterThan(5);
            break;
          }
        } finally {
          await world.close();
        }
      }
    });
  });
});
