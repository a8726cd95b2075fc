import { ReplicateSecretToRegionsCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, test } from 'vitest';
import { some } from '../../support/providers.ts';
import {
  current,
  DAY,
  eventData,
  issued,
  MINUTE,
  rotationRequested,
  type World,
  worlds,
} from './setup.ts';
import { tapped, theMove } from './workers.ts';

const { open, close } = worlds();
afterEach(close);

/**
 * Rotates with a move of AWSCURRENT that takes `ms`. Counts how often an end was written on the
 * previous version.
 */
async function promotedIn(world: World, ms: number) {
  const first = await rotationRequested(world);
  let ends = 0;
  let moved = Number.NaN;
  const slow = tapped(world.worker(), async (call, next) => {
    if (theMove(call)) {
      await world.clock.sleep(ms);
      moved = world.clock.now().getTime();
    }
    const [, label, move] = call.args as [string, string, { readonly to?: string }?];
    if (call.name === 'store.label' && move?.to === first.id && /revoke-after/.test(label))
      ends += 1;
    return next();
  });
  await world.run(slow).catch(() => {});
  expect((await current(world)).id, 'it was promoted').not.toBe(first.id);
  const left = (await world.ledger()).versions.find(({ id }) => id === first.id);
  return { ends, grace: Number(left?.revokeAfter) - moved };
}

test('A promotion of four minutes behind a slow replica does not shorten the grace', async () => {
  const world = await open(some.deleting);
  const { secretsManager, target } = world;
  const AddReplicaRegions = [{ Region: 'eu-west-1' }];
  await secretsManager.send(
    new ReplicateSecretToRegionsCommand({ SecretId: target.secret, AddReplicaRegions }),
  );
  await issued(world);
  world.aws.replicationLag.ms = 1000 * DAY;
  const { grace } = await promotedIn(world, 4 * MINUTE);
  expect(eventData(world, 'Credential Rotated'), 'only the first').toHaveLength(1);
  expect(grace).toBeGreaterThanOrEqual(DAY);
});

test('A promotion that takes three seconds writes the end of the grace once', async () => {
  const { ends, grace } = await promotedIn(await open(some.deleting), 3000);
  expect(ends).toBe(1);
  expect(grace).toBeGreaterThanOrEqual(DAY);
});
