import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { announceRemoved } from '../../lib/core/jobs/removed.ts';
import { assign } from '../../lib/core/sweep/assign.ts';
import { sweep } from '../../lib/core/sweep/index.ts';
import { oneThat } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld(oneThat({ disables: true, expiry: 'chosen' }), { grace: 2 * HOUR });
  await world.run();
});
afterEach(() => world.close());

const fleet = { id: 'acme', targets: [] };
/**
 * A sweep of a deployment without the target, and the worker after it. Returns the number of
 * assignments.
 */
async function swept(engine = world.worker()): Promise<number> {
  const seen = await sweep(engine, fleet);
  const { assignments } = assign(seen, fleet, world.clock.now(), 5);
  for (const secret of seen.removed) {
    if (assignments.some((one) => 'removed' in one))
      await announceRemoved(engine, 'acme', secret, 'test');
  }
  return assignments.length;
}
const removals = () =>
  world.events('Target Removed').map(({ detail }) => ({ id: detail.metadata.id, ...detail.data }));
const ids = () => new Set(removals().map(({ id }) => id));

describe('a target that left the fleet', () => {
  test('a removed target is announced three times with one id, in case a worker died', async () => {
    for (let sweeps = 0; sweeps < 12; sweeps++) {
      await swept();
      await world.clock.sleep(5 * MINUTE);
    }
    expect(removals()).toHaveLength(3);
    expect(ids().size).toBe(1);
  });

  test('a removed target is announced although a worker died after writing it down', async () => {
    const engine = world.worker();
    const dying = { ...engine, events: { publish: () => new Promise<never>(() => {}) } };
    void swept(dying);
    while (!(await world.ledger()).current?.removedAt) await world.clock.sleep(1);
    await world.clock.sleep(5 * MINUTE);
    await swept();
    expect(removals()).toHaveLength(1);
  });

  test('a removed target is announced when the event bus is back', async () => {
    const engine = world.worker();
    const away = {
      ...engine,
      events: { publish: () => Promise.reject(new Error('the bus is away')) },
    };
    for (let sweeps = 0; sweeps < 40; sweeps++) {
      await swept(away).catch(() => {});
      await world.clock.sleep(5 * MINUTE);
    }
    await swept();
    expect(removals()).toHaveLength(1);
  });

  test('a target that returns and is removed again is announced with another id', async () => {
    await swept();
    const { current } = await world.ledger();
    for (const label of current?.labels.filter((one) => /^rekey:.*removed/.test(one)) ?? []) {
      await world.worker().store.label(world.target.secret, label, { from: current?.id ?? '' });
    }
    await world.clock.sleep(HOUR);
    await swept();
    expect(ids().size).toBe(2);
  });

  test('Target Removed lists live credentials, not disabled or expired ones', async () => {
    await world.clock.sleep(31 * DAY);
    await world.run();
    await world.clock.sleep(2 * HOUR + MINUTE);
    await world.run();
    const { current, versions } = await world.ledger();
    expect(versions.filter(({ credential }) => credential)).toHaveLength(2);
    await swept();
    const credential = { versionId: current?.id, credentialId: current?.credential?.id };
    expect(removals()).toMatchObject([{ liveCredentials: 1, credentials: [credential] }]);
  });

  test('a target removed with its secret is announced in the first hour, then daily', async () => {
    const { current } = await world.ledger();
    await world.secretsManager.send(
      new DeleteSecretCommand({ SecretId: world.target.secret, RecoveryWindowInDays: 7 }),
    );
    const times: number[] = [];
    for (let sweeps = 0; sweeps < (3 * DAY) / (5 * MINUTE); sweeps++) {
      if ((await swept()) > 0) times.push(sweeps);
      await world.clock.sleep(5 * MINUTE);
    }
    expect(times.filter((sweeps) => sweeps < 12).length).toBeGreaterThanOrEqual(12);
    expect(times.length).toBeLessThanOrEqual(3 * 13);
    expect(times.some((sweeps) => sweeps > 12 * 24)).toBe(true);
    expect(ids().size).toBe(1);
    expect(removals()[0]).toMatchObject({
      liveCredentials: 1,
      credentials: [
        {
          versionId: current?.id,
          credentialId: current?.credential?.id,
          expiresAt: expect.any(String),
        },
      ],
    });
  });
});
