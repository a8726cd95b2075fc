import { ReplicateSecretToRegionsCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { sweep } from '../../../lib/core/sweep/index.ts';
import { measure } from '../../../lib/core/sweep/measure.ts';
import { usualOnes } from '../../support/providers.ts';
import {
  about,
  current,
  DAY,
  dataOf,
  HOUR,
  issued,
  MINUTE,
  pass,
  request,
  rotated,
  state,
  two,
  worlds,
} from './setup.ts';

const { open, close } = worlds();
afterEach(close);

/** A world whose secret has a replica in another region. */
async function replicated(provider: string) {
  const world = await open(provider);
  const { secretsManager, target } = world;
  await secretsManager.send(
    new ReplicateSecretToRegionsCommand({
      SecretId: target.secret,
      AddReplicaRegions: [{ Region: 'eu-west-1' }],
    }),
  );
  return world;
}

describe.each(usualOnes)('%s', (provider) => {
  test('A credential is revoked only once no replica serves it', async () => {
    const world = await replicated(provider);
    const first = await issued(world);
    world.aws.replicationLag.ms = 1000 * DAY;
    await rotated(world).catch(() => {});
    await pass(world, 4 * DAY);
    expect(state(world, first)).toBe('enabled');
    const { troubles } = measure(
      await sweep(world.worker(), { id: 'acme', targets: [world.target] }),
      world.clock.now(),
    );
    expect(troubles.length, 'a trouble is reported').toBeGreaterThan(0);
    world.aws.replicationLag.ms = 0;
    await pass(world, 2 * DAY);
    expect(state(world, first)).not.toBe('enabled');
  });

  test('A compromised credential is revoked although a replica still serves it', async () => {
    const world = await replicated(provider);
    const first = await issued(world);
    world.aws.replicationLag.ms = 1000 * DAY;
    await world.clock.sleep(HOUR);
    await request(world, 'Credential Compromised');
    await pass(world, HOUR);
    expect(state(world, first)).not.toBe('enabled');
  });

  test('The event of a rollback names a replica that never follows', async () => {
    const world = await replicated(provider);
    const [first] = await two(world);
    await request(world, 'Rollback Requested');
    world.aws.replicationLag.ms = 1000 * DAY;
    await world.run().catch(() => {});
    expect((await current(world)).id).toBe(first.id);
    expect(about(world, first, 'Rolled Back')).toEqual([]);
    await pass(world, HOUR);
    const [announced] = about(world, first, 'Rolled Back');
    expect(dataOf(announced).replicasBehind).toEqual(['eu-west-1']);
  });

  test('A rollback whose replicas follow within minutes is announced then', async () => {
    const world = await replicated(provider);
    const [first] = await two(world);
    await request(world, 'Rollback Requested');
    world.aws.replicationLag.ms = 5 * MINUTE;
    const before = world.clock.now().getTime();
    await pass(world, 15 * MINUTE);
    const [announced] = about(world, first, 'Rolled Back');
    expect(Number(announced?.time) - before).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(dataOf(announced)).not.toHaveProperty('replicasBehind');
  });
});
