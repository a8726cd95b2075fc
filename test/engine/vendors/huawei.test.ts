import { describe, expect, onTestFinished, test } from 'vitest';
import { parseFleet, type Target } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import { providers } from '../../../lib/providers/index.ts';
import { vendors } from '../../../lib/sandbox/vendors/index.ts';
import { DAY, HOUR, MINUTE } from '../../support/snapshot.ts';
import { createWorld } from '../../support/world.ts';

interface Timing {
  interval: string;
  grace: string;
  soak?: string;
}

/** A fleet file of one target, read as any other. */
function fleetOf(provider: string, timing: Timing, more: Record<string, unknown> = {}) {
  const params = vendors[provider]?.({ clock: manualClock() }).params;
  const target = { name: 'app', provider, admin: 'admin/huawei', params, ...timing, ...more };
  return parseFleet({ fleet: 'acme', targets: [target] }, providers);
}

async function open(provider: string, timing: Timing, more: Record<string, unknown> = {}) {
  const { fleet, issues } = fleetOf(provider, timing, more);
  expect(issues).toEqual([]);
  const target: Partial<Target> = fleet?.targets[0] ?? {};
  const world = await createWorld(provider, target);
  onTestFinished(() => world.close());
  return world;
}

const month = { interval: '30d', grace: '24h', soak: '24h' };
const short = {
  'huawei-swr-temporary': { interval: '4h', grace: '1h' },
  'huawei-swr-enterprise-temporary': { interval: '12h', grace: '2h' },
};

describe.each(['huawei-swr-enterprise', 'huawei-swr-access-key'])(
  '%s: the life of a target',
  (provider) => {
    test('a credential is superseded, disabled after its grace, deleted after a soak', async () => {
      const world = await open(provider, month);
      await world.run();
      const first = (await world.ledger()).current;
      const state = () =>
        world.vendor.credentials().find(({ id }) => id === first?.credential?.id)?.state;
      await world.clock.sleep(27 * DAY);
      while ((await world.ledger()).current?.id === first?.id) await world.live(6 * HOUR);
      expect(state()).toBe('enabled');
      await world.holds();
      await world.live(DAY + HOUR);
      expect(state()).toBe('disabled');
      expect(await world.accepts(first?.id ?? '')).toBe('refused');
      const revoked = world.events('Credential Revoked').map(({ detail }) => detail.data);
      expect(revoked).toMatchObject([
        { versionId: first?.id, reversible: true, proof: { kind: 'refused-by-registry' } },
      ]);
      await world.live(DAY + HOUR);
      expect(state()).toBe('deleted');
      expect(world.alive()).toHaveLength(1);
      await world.holds();
    });

    test('after a year of rotations one credential is left', async () => {
      const world = await open(provider, month);
      await world.live(365 * DAY);
      const count = world.events('Credential Rotated').length;
      expect(count).toBeGreaterThanOrEqual(13);
      expect(world.alive().length).toBeLessThanOrEqual(2);
      expect(world.events('Credential Revoked').length).toBeGreaterThanOrEqual(count - 2);
      expect(world.published.filter(({ detailType }) => /Failed|Orphan/.test(detailType))).toEqual(
        [],
      );
      await world.holds();
    });

    test('an orphan of a crash is revoked before the next credential is issued', async () => {
      const world = await open(provider, month);
      await world.run();
      await world.clock.sleep(HOUR);
      await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
      for (let effect = 1; effect < 30 && world.alive().length < 2; effect++)
        await world.crash(effect, 'after');
      expect(world.alive()).toHaveLength(2);
      await world.live(HOUR);
      await world.holds();
      expect(world.events('Orphan Revoked')).toHaveLength(1);
      expect(world.alive()).toHaveLength(2);
      await world.live(3 * DAY);
      expect(world.alive()).toHaveLength(1);
    });

    test('a rollback within the soak enables the previous credential again', async () => {
      const world = await open(provider, month);
      await world.run();
      const first = (await world.ledger()).current;
      await world.clock.sleep(HOUR);
      await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
      await world.live(DAY + 2 * HOUR);
      expect(await world.accepts(first?.id ?? '')).toBe('refused');
      await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
      await world.run();
      expect((await world.ledger()).current?.id).toBe(first?.id);
      expect(await world.accepts(first?.id ?? '')).toBe('accepted');
      await world.holds();
    });
  },
);

describe.each(Object.entries(short))('%s: the life of a target', (provider, timing) => {
  test('a credential is superseded in time, left to expire, and never revoked', async () => {
    const world = await open(provider, timing);
    await world.run();
    const first = (await world.ledger()).current;
    const expiresAt = first?.credential?.expiresAt?.getTime() ?? 0;
    const end = () => expiresAt - world.clock.now().getTime();
    await world.live(end() - HOUR);
    expect((await world.ledger()).current?.id).not.toBe(first?.id);
    expect(await world.accepts(first?.id ?? '')).toBe('accepted');
    await world.holds();
    await world.live(HOUR + MINUTE);
    expect(await world.accepts(first?.id ?? '')).toBe('refused');
    expect(world.events('Credential Expired').map(({ detail }) => detail.data)).toMatchObject([
      {
        versionId: first?.id,
        expiredAt: new Date(expiresAt).toISOString(),
        proof: { kind: 'refused-by-registry' },
      },
    ]);
    await world.holds();
  });

  test('a fortnight passes without a gap, a failure or a revocation', async () => {
    const world = await open(provider, timing);
    for (let day = 0; day < 14; day++) {
      await world.live(DAY);
      await world.holds();
    }
    const rotated = world.events('Credential Rotated').length;
    expect(rotated).toBeGreaterThanOrEqual(28);
    expect(world.events('Credential Expired').length).toBeGreaterThanOrEqual(rotated - 5);
    expect(world.published.filter(({ detailType }) => /Revoked|Failed/.test(detailType))).toEqual(
      [],
    );
    expect(world.vendor.requests.filter((line) => /^(PUT|DELETE|PATCH)/.test(line))).toEqual([]);
  });

  test('an orphan of a crash expires', async () => {
    const world = await open(provider, timing);
    await world.run();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    for (let effect = 1; effect < 30 && world.alive().length < 2; effect++)
      await world.crash(effect, 'after');
    expect(world.alive()).toHaveLength(2);
    await world.live(2 * DAY);
    await world.holds();
    expect(world.vendor.credentials().some(({ state }) => state === 'expired')).toBe(true);
  });

  test('a compromise supersedes at once, and announces no revocation', async () => {
    const world = await open(provider, timing);
    await world.run();
    const first = (await world.ledger()).current;
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Credential Compromised', world.target);
    await world.run();
    expect((await world.ledger()).current?.id).not.toBe(first?.id);
    expect(world.events('Credential Revoked')).toEqual([]);
    expect(await world.accepts(first?.id ?? '')).toBe('accepted');
  });
});

test.each([
  ['huawei-swr-enterprise', month, 6],
  ['huawei-swr-access-key', month, 5],
  ['huawei-swr-enterprise-temporary', short['huawei-swr-enterprise-temporary'], 5],
  ['huawei-swr-temporary', short['huawei-swr-temporary'], 4],
])('%s: with %j a rotation costs %i calls to the vendor', async (provider, timing, calls) => {
  const world = await open(provider, timing);
  await world.run();
  await world.clock.sleep(HOUR);
  await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
  const before = world.vendor.requests.length;
  await world.run();
  expect(world.vendor.requests.length - before).toBe(calls);
});

test('huawei-swr-access-key: rights are verified on the repository in the target', async () => {
  const verify = { repository: 'team/app' };
  const world = await open('huawei-swr-access-key', month, { verify });
  const { steps } = await world.run();
  expect(steps.map(({ error }) => error)).toEqual([undefined]);
});

test('a login for a missing organization is reported as lacks-rights, not as wrong', async () => {
  const verify = { repository: 'nobody/app', within: '5s' };
  const world = await open('huawei-swr-temporary', short['huawei-swr-temporary'], { verify });
  const { steps } = await world.run();
  expect(steps[0]?.error).toMatchObject({ code: 'lacks-rights' });
});

test('a wrong clock is reported as a problem of the access key or the clock', async () => {
  const world = await open('huawei-swr-enterprise', month);
  const engine = world.worker();
  const clock = { ...engine.clock, now: () => new Date(world.clock.now().getTime() + 20 * MINUTE) };
  const { steps } = await world.run({ ...engine, clock });
  expect(steps[0]?.error).toMatchObject({
    code: 'admin-refused',
    message: expect.stringContaining('clock'),
  });
});

test.each([
  ['huawei-swr-temporary', { interval: '6h', grace: '1h' }, 'interval'],
  ['huawei-swr-temporary', { interval: '30d', grace: '24h' }, 'interval'],
  ['huawei-swr-enterprise-temporary', { interval: '23h', grace: '2h' }, 'interval'],
  ['huawei-swr-access-key', { interval: '30d', grace: '15d', soak: '15d' }, 'grace'],
])('%s: a fleet file with %j is refused for its %s', (provider, timing, key) => {
  const { issues } = fleetOf(provider, timing);
  expect(issues.map(({ path }) => path.at(-1))).toContain(key);
});
