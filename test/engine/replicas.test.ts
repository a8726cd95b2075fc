import { ReplicateSecretToRegionsCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../lib/core/time.ts';
import { some } from '../support/providers.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld(some.disabling);
  await world.secretsManager.send(
    new ReplicateSecretToRegionsCommand({
      SecretId: world.target.secret,
      AddReplicaRegions: [{ Region: 'eu-west-1' }],
    }),
  );
});
afterEach(() => world.close());

const announced = () => world.events('Credential Rotated');

test('a new version is announced when its replicas have it, and not before', async () => {
  world.aws.replicationLag.ms = 20 * SECOND;
  const before = world.clock.now().getTime();
  await world.run();
  expect(world.clock.now().getTime() - before).toBeGreaterThanOrEqual(20 * SECOND);
  expect(announced()).toHaveLength(1);
  expect(announced()[0]?.detail.data).not.toHaveProperty('replicasBehind');
});

test('a version whose replicas are behind is announced by a later run', async () => {
  world.aws.replicationLag.ms = 5 * MINUTE;
  await expect(world.run()).rejects.toMatchObject({ code: 'replicas-behind' });
  const { current } = await world.ledger();
  expect([current?.pending, announced()]).toEqual([true, []]);
  await world.clock.sleep(5 * MINUTE);
  await world.run();
  expect(announced()).toHaveLength(1);
  expect(world.enabled()).toHaveLength(1);
});

test('a replica that never follows is named in the event after a bounded time', async () => {
  world.aws.replicationLag.ms = 24 * HOUR;
  await expect(world.run()).rejects.toMatchObject({ code: 'replicas-behind' });
  await world.clock.sleep(25 * MINUTE);
  await world.run();
  expect(announced()).toMatchObject([{ detail: { data: { replicasBehind: ['eu-west-1'] } } }]);
  await world.holds();
});
