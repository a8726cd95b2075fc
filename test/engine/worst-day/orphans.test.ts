import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { formatLabel } from '../../../lib/core/ids/label.ts';
import { uuidv5 } from '../../../lib/core/ids/uuid.ts';
import { revokeOrphans } from '../../../lib/core/jobs/orphans.ts';
import { announceRemoved } from '../../../lib/core/jobs/removed.ts';
import { sweep } from '../../../lib/core/sweep/index.ts';
import { some, usualOnes } from '../../support/providers.ts';
import type { World } from './setup.ts';
import {
  current,
  currentState,
  DAY,
  eventData,
  HOUR,
  issued,
  pass,
  request,
  rotationRequested,
  state,
  worlds,
} from './setup.ts';
import { dying, theCreate } from './workers.ts';

const { open, close } = worlds();
afterEach(close);

/** Loses the answer to a create, and makes the vendor fail to delete that credential. */
async function undeletable(world: World) {
  await rotationRequested(world);
  world.vendor.faults.next(/POST/, { cut: 'after' }, 1);
  const before = new Set(world.alive().map(({ id }) => id));
  await world.run().catch(() => {});
  const [left] = world.alive().filter(({ id }) => !before.has(id));
  if (!left) throw new Error('there is no orphan');
  world.vendor.faults.next(
    new RegExp(`DELETE .*/${left.id}$`),
    { status: 500 },
    Number.POSITIVE_INFINITY,
  );
  return left;
}

describe.each(usualOnes)('%s', (provider) => {
  test('An orphan that the vendor will not delete delays no rotation in forty days', async () => {
    const world = await open(provider, { interval: 10 * DAY });
    const left = await undeletable(world);
    const states: string[] = [];
    const ages: number[] = [];
    await pass(world, HOUR);
    await pass(world, 40 * DAY, {
      look: async () => {
        states.push(await currentState(world));
        ages.push(Number(world.clock.now()) - Number((await current(world)).credential?.issuedAt));
      },
    });
    expect(new Set(states)).toEqual(new Set(['enabled']));
    expect(Math.max(...ages)).toBeLessThan(10.5 * DAY);
    expect(
      eventData(world, 'Orphan Revoked').filter(({ credentialId }) => credentialId === left.id),
    ).toEqual([]);
  });

  test('An orphan that the vendor will not delete delays no compromise', async () => {
    const world = await open(provider);
    const leaked = await issued(world);
    await undeletable(world);
    await request(world, 'Credential Compromised');
    await pass(world, HOUR);
    expect(['disabled', 'deleted']).toContain(state(world, leaked));
    expect(await currentState(world)).toBe('enabled');
  });

  test('An orphan that the vendor will not delete is not announced as revoked', async () => {
    const world = await open(provider);
    const left = await undeletable(world);
    await world.clock.sleep(HOUR);
    const options = { signal: new AbortController().signal, correlationId: 'test' };
    const fleet = { id: world.target.fleet, targets: [world.target] };
    const account = { provider, admin: world.target.admin };
    await revokeOrphans(world.worker(), fleet, account, options).catch(() => {});
    expect(world.alive().map(({ id }) => id)).toContain(left.id);
    expect(
      eventData(world, 'Orphan Revoked').filter(({ credentialId }) => credentialId === left.id),
    ).toEqual([]);
  });

  test('A worker that dies after a create costs one more create and leaves no orphan', async () => {
    const world = await open(provider);
    await rotationRequested(world);
    const before = world.vendor.requests.filter((line) => line.startsWith('POST')).length;
    await world.run(dying(world.worker(), theCreate, 'after')).catch(() => {});
    await pass(world, HOUR);
    expect(world.vendor.requests.filter((line) => line.startsWith('POST')).length - before).toBe(2);
    await pass(world, 4 * DAY);
    expect(world.enabled()).toHaveLength(1);
  });

  test.each([20, 200])(
    '%i planted look-alikes at the vendor do not delay a rotation',
    async (count) => {
      const world = await open(provider);
      const first = await issued(world);
      const { arn } = await world.ledger();
      for (let index = 0; index < count; index++) {
        world.vendor.plant(
          formatLabel(world.target.fleet, arn, uuidv5(['look-alike', String(index)])),
        );
      }
      await world.clock.sleep(HOUR);
      await request(world, 'Rotation Requested');
      await pass(world, 30 * 60_000);
      expect((await current(world)).id).not.toBe(first.id);
      const second = await current(world);
      await pass(world, 31 * DAY);
      expect((await current(world)).id, 'nor the next one').not.toBe(second.id);
      expect(await currentState(world)).toBe('enabled');
    },
  );
});

test('The removal of a target with its secret announces the live credentials', async () => {
  const world = await open(some.deleting);
  await issued(world);
  await world.secretsManager.send(
    new DeleteSecretCommand({ SecretId: world.target.secret, RecoveryWindowInDays: 7 }),
  );
  const { removed } = await sweep(world.worker(), { id: world.target.fleet, targets: [] });
  for (const secret of removed)
    await announceRemoved(world.worker(), world.target.fleet, secret, 'test');
  expect(eventData(world, 'Target Removed')).toMatchObject([{ liveCredentials: 1 }]);
});
