import { afterEach, describe, expect, test } from 'vitest';
import { checked, endedByHand } from '../worst-day/hands.ts';
import {
  count,
  currentState,
  DAY,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pulling,
  well,
  worlds,
} from '../worst-day/setup.ts';

const opened = worlds();
afterEach(() => opened.close());

const ENTERPRISE = 'huawei-swr-enterprise';
const TEMPORARY = 'huawei-swr-enterprise-temporary';

describe('a year at an Enterprise Edition registry that behaves as Harbor does', () => {
  test.each([
    ['no repository', {}],
    ['a private repository', pulling('team/app')],
    ['a public repository', pulling('public/app')],
  ])(
    'Enterprise Edition with %s: each superseded credential is proven dead and deleted',
    async (_what, change) => {
      const world = await opened.open(ENTERPRISE, {
        interval: 30 * DAY,
        grace: DAY,
        soak: DAY,
        ...change,
      });
      await world.live(365 * DAY);
      await world.holds();
      expect(await currentState(world)).toBe('enabled');
      expect(world.enabled()).toHaveLength(1);
      const rotations = count(world, 'Credential Rotated');
      expect(rotations).toBeGreaterThanOrEqual(13);
      expect([count(world, 'Credential Revoked'), count(world, 'Credential Deleted')]).toEqual([
        rotations - 1,
        rotations - 1,
      ]);
      expect([
        count(world, 'Revocation Failed'),
        count(world, 'Revocation Abandoned'),
        count(world, 'Rotation Failed'),
      ]).toEqual([0, 0, 0]);
    },
  );
});

describe('ten days of temporary credentials with the documented intervals', () => {
  const timing = { interval: 12 * HOUR, grace: 2 * HOUR };

  test.each([
    ['a private repository', pulling('team/app')],
    ['a public repository', pulling('public/app')],
  ])('temporary credentials with %s: AWSCURRENT is alive at every hour', async (_what, change) => {
    const world = await opened.open(TEMPORARY, { ...timing, ...change });
    let dead = 0;
    for (let hour = 0; hour < 240; hour++) {
      await world.live(HOUR);
      if ((await currentState(world)) !== 'enabled') dead += 1;
    }
    expect(dead).toBe(0);
    expect(count(world, 'Credential Rotated')).toBeGreaterThanOrEqual(20);
    expect(count(world, 'Credential Expired')).toBeGreaterThanOrEqual(17);
    expect(count(world, 'Revocation Failed')).toBe(0);
  });
});

test.each([
  ['no repository', {}],
  ['a private repository', pulling('team/app')],
  ['a public repository', pulling('public/app')],
])(
  'Enterprise Edition with %s: AWSCURRENT that ended by hand is noticed and replaced',
  async (_what, change) => {
    const world = await opened.open(ENTERPRISE, change);
    await issued(world);
    await endedByHand(world);
    await world.clock.sleep(HOUR);
    await checked(world);
    await world.clock.sleep(5 * MINUTE);
    await world.run();
    expect(eventData(world, 'Health Changed')).toMatchObject([{ healthy: false }]);
    expect(await currentState(world)).toBe('enabled');
    await world.live(3 * DAY);
    await well(world);
  },
);
