import { afterEach, expect, test } from 'vitest';
import { announcePlan } from '../../lib/core/jobs/plan.ts';
import { some } from '../support/providers.ts';
import { DAY, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

test('a dry run announces an unchanged plan with one id, a new plan with another', async () => {
  world = await createWorld(some.deleting);
  await world.run();
  const planned = async (minutes: number) => {
    for (let passed = 0; passed < minutes; passed += 5) {
      await announcePlan(world.worker(), world.target, 'test');
      await world.clock.sleep(5 * MINUTE);
    }
    return new Set(world.events('Action Planned').map(({ detail }) => detail.metadata.id)).size;
  };
  expect(await planned(10)).toBe(0);
  await world.clock.sleep(31 * DAY);
  // across many full hours
  expect(await planned(24 * 60)).toBe(1);
  await world.run();
  await world.clock.sleep(31 * DAY);
  expect(await planned(10)).toBeGreaterThan(1);
});
