import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { request } from '../../lib/core/jobs/requests.ts';
import { sweep } from '../../lib/core/sweep/index.ts';
import { can, some, usualOnes } from '../support/providers.ts';
import { aTarget, DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

/** The AWS calls that `work` makes, by operation. */
async function counted(
  world: World,
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  world.aws.calls.reset();
  await work();
  const counts: Record<string, number> = {};
  for (const { operation } of world.aws.calls.all()) {
    const name = operation.split('.')[1] ?? operation;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test.each(usualOnes)(
  '%s: a rotation costs 8 AWS calls (4 writes), and at most 6 to the vendor and its registry',
  async (provider) => {
    const world = await createWorld(provider);
    try {
      await world.run();
      await world.clock.sleep(HOUR);
      await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
      const before = world.vendor.requests.length;
      const engine = world.worker();
      expect(await counted(world, () => world.run(engine))).toEqual({
        DescribeSecret: 2,
        GetSecretValue: 1,
        PutSecretValue: 1,
        UpdateSecretVersionStage: 3,
        PutEvents: 1,
      });
      expect(world.vendor.requests.length - before).toBeLessThanOrEqual(6);

      await world.live(DAY - MINUTE);
      const warm = world.worker();
      await warm.admins.get(world.target.admin, warm.providers[provider] ?? Object.create(null));
      await world.clock.sleep(2 * MINUTE);
      expect(await counted(world, () => world.run(warm))).toEqual({
        // a disabling reads the secret once more first
        DescribeSecret: can(provider).disables ? 2 : 1,
        GetSecretValue: 2,
        UpdateSecretVersionStage: 1,
        PutEvents: 1,
      });
      expect(world.events('Credential Revoked')).toHaveLength(1);
    } finally {
      await world.close();
    }
  },
);

test('a sweep with nothing due costs one call for each 100 targets', async () => {
  const world = await createWorld(some.disabling);
  try {
    const targets = Array.from({ length: 250 }, (_, number) =>
      aTarget({ name: `t${number}`, secret: `rekey/acme/t${number}` }),
    );
    for (const { secret } of targets) {
      await world.secretsManager.send(
        new CreateSecretCommand({
          Name: secret,
          SecretString: '{}',
          Tags: [{ Key: 'rekey:fleet', Value: 'acme' }],
        }),
      );
    }
    const found = { targets: 0, removed: 0 };
    const counts = await counted(world, async () => {
      const { targets: seen, removed } = await sweep(world.worker(), { id: 'acme', targets });
      Object.assign(found, {
        targets: seen.filter(({ snapshot }) => snapshot).length,
        removed: removed.length,
      });
    });
    expect(found).toEqual({ targets: 250, removed: 1 });
    expect(counts).toEqual({ ListSecrets: 3 });
  } finally {
    await world.close();
  }
});
