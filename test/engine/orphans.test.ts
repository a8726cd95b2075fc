import { afterEach, describe, expect, test } from 'vitest';
import { accountsOf } from '../../lib/core/fleet/admin-account.ts';
import { formatLabel, labelPrefix, successors } from '../../lib/core/ids/label.ts';
import { uuidv5 } from '../../lib/core/ids/uuid.ts';
import { revokeOrphans, SAFETY_AGE } from '../../lib/core/jobs/orphans.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';
import { oneOfEach, some } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

const listing = oneOfEach(['disables', 'readsAgain'], { lists: true, cramped: false });
const options = { signal: new AbortController().signal, correlationId: 'test' };
const look = (engine: Engine = world.worker(), targets = [world.target]) =>
  revokeOrphans(
    engine,
    { id: world.target.fleet, targets },
    { provider: world.target.provider, admin: world.target.admin },
    options,
  );
const version = (n: number) => `0000000${n}-0000-5000-8000-000000000000`;
const ids = () => world.alive().map(({ id }) => id);

describe.each(listing)('%s', (provider) => {
  test('only orphans with this fleet’s label for one of its secrets are revoked', async () => {
    world = await createWorld(provider);
    await world.run();
    const { arn, current } = await world.ledger();
    const { fleet } = world.target;
    const prefix = labelPrefix(fleet, arn);
    const orphans = [1, 2].map((n) => world.vendor.plant(formatLabel(fleet, arn, version(n))).id);
    const lookAlikes = [
      '',
      'rekey',
      'foreign',
      prefix,
      `${prefix}${'g'.repeat(32)}`,
      `${prefix}${'0'.repeat(31)}`,
      `my-${formatLabel(fleet, arn, version(3))}`,
      formatLabel(`${fleet}-two`, arn, version(3)),
      formatLabel('other', arn, version(3)),
      formatLabel(fleet, `${arn}x`, version(3)),
    ].map((label) => world.vendor.plant(label).id);
    await world.clock.sleep(SAFETY_AGE);
    expect((await look()).revoked).toBe(2);
    const left = ids();
    expect(orphans.filter((id) => left.includes(id))).toEqual([]);
    expect(lookAlikes.filter((id) => !left.includes(id))).toEqual([]);
    expect(left).toContain(current?.credential?.id);
    expect(
      world
        .events('Orphan Revoked')
        .map(({ detail }) => (detail.data as { credentialId: string }).credentialId)
        .sort(),
    ).toEqual([...orphans].sort());
    expect((await look()).revoked).toBe(0);
  });

  test('an orphan younger than the safety age is left alone', async () => {
    world = await createWorld(provider);
    await world.run();
    const { arn } = await world.ledger();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(1)));
    await world.clock.sleep(SAFETY_AGE - MINUTE);
    expect((await look()).revoked).toBe(0);
    await world.clock.sleep(MINUTE);
    expect((await look()).revoked).toBe(1);
  });
});

describe('orphans', () => {
  test('superseded, disabled and pending credentials are not orphans', async () => {
    world = await createWorld(some.disabling, { grace: 2 * HOUR });
    await world.run();
    await world.clock.sleep(31 * DAY);
    await world.run();
    await world.clock.sleep(HOUR);
    const before = ids();
    expect(before).toHaveLength(2);
    expect((await look()).revoked).toBe(0);
    expect(ids()).toEqual(before);
  });

  test('a worker that stalls past the safety age never promotes a revoked orphan', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    await world.clock.sleep(31 * DAY);
    for (let effect = 1; effect < 15; effect++) {
      const reached = await world.stall(effect, async () => {
        await world.clock.sleep(SAFETY_AGE + MINUTE);
        await look();
      });
      await world.live(HOUR);
      await world.holds();
      if (!reached) break;
      await world.clock.sleep(31 * DAY);
    }
    expect(world.enabled().length).toBeGreaterThan(0);
  });

  test('an orphan that the next rotation will adopt is left to it', async () => {
    world = await createWorld(some.readable);
    await world.run();
    await world.clock.sleep(31 * DAY);
    // a worker dies with a credential that it has not stored
    for (let crash = 1; world.enabled().length < 2; crash++) await world.crash(crash, 'after');
    await world.clock.sleep(SAFETY_AGE);
    const engine = world.worker();
    const provider = engine.providers[world.target.provider];
    if (!provider) throw new Error('no provider');
    const revoke: typeof provider.revoke = async (call, credential) => {
      // between the read of the secret and the revocation another worker adopts, stores, proves
      // and promotes it
      await world.run();
      await provider.revoke?.(call, credential);
    };
    await look({ ...engine, providers: { [provider.name]: { ...provider, revoke } } });
    await world.run();
    await world.holdsAtAnyTime();
    await world.live(3 * DAY);
    await world.holds();
  });

  test('an orphan that the provider does not end is not announced; others end', async () => {
    world = await createWorld(some.deleting);
    await world.run();
    const { arn } = await world.ledger();
    const planted = [1, 2, 3, 4].map(
      (n) => world.vendor.plant(formatLabel(world.target.fleet, arn, version(n))).id,
    );
    await world.clock.sleep(SAFETY_AGE);
    world.vendor.faults.next(
      new RegExp(`^DELETE .*/${planted[1]}$`),
      { status: 500 },
      Number.POSITIVE_INFINITY,
    );
    const { revoked, failed } = await look();
    expect(revoked).toBe(3);
    expect(failed).toMatchObject([
      { credentialId: planted[1], error: { code: 'provider-failed' } },
    ]);
    const announced = world
      .events('Orphan Revoked')
      .map(({ detail }) => (detail.data as { credentialId: string }).credentialId);
    expect(announced.sort()).toEqual(planted.filter((id) => id !== planted[1]).sort());
    world.vendor.faults.clear();
    expect((await look()).revoked).toBe(1);
  });

  test('a refused admin credential ends the search for orphans', async () => {
    world = await createWorld(some.deleting);
    await world.run();
    const { arn } = await world.ledger();
    for (const n of [1, 2]) world.vendor.plant(formatLabel(world.target.fleet, arn, version(n)));
    await world.clock.sleep(SAFETY_AGE);
    world.vendor.faults.next(/^DELETE /, { status: 401 });
    await expect(look()).rejects.toMatchObject({ code: 'admin-refused' });
    expect(world.events('Orphan Revoked')).toEqual([]);
  });

  test('two hundred planted orphans cost no label and no version', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    const { arn, current, free } = await world.ledger();
    const versions = await world.versionIds();
    // the ids that the next rotations would choose
    const next = [...successors(arn, current?.id ?? '')];
    const made = Array.from({ length: 200 - next.length }, (_, n) => uuidv5(['made', String(n)]));
    for (const id of [...next, ...made])
      world.vendor.plant(formatLabel(world.target.fleet, arn, id));
    await world.clock.sleep(SAFETY_AGE);
    expect((await look()).revoked).toBe(200);
    expect((await world.ledger()).free).toBe(free);
    expect(await world.versionIds()).toEqual(versions);
    expect(world.enabled()).toHaveLength(1);
  });

  test('an orphan is announced by its target, or by its secret if the target left', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    const { arn } = await world.ledger();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(1)));
    await world.clock.sleep(SAFETY_AGE);
    await look();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(2)));
    await world.clock.sleep(SAFETY_AGE);
    await look(world.worker(), [{ ...world.target, name: 'other', secret: 'rekey/acme/other' }]);
    const announced = world.events('Orphan Revoked').map(({ detail }) => detail.metadata.target);
    expect(announced).toEqual([world.target.name, world.target.secret]);
  });

  test('an orphan at a former place of its target is found', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    const { arn } = await world.ledger();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(1)));
    await world.clock.sleep(SAFETY_AGE);
    const { provider, admin, params, place, revocable } = world.target;
    const moved = {
      ...world.target,
      provider: some.deleting,
      admin: 'admin/other',
      params: {},
      place: 'place002',
    };
    const former = [{ provider, admin, params, place, revocable }];
    const fleet = { id: world.target.fleet, targets: [{ ...moved, former }] };
    expect(accountsOf(fleet)).toEqual([
      { provider: some.deleting, admin: 'admin/other' },
      { provider, admin },
    ]);
    expect((await revokeOrphans(world.worker(), fleet, { provider, admin }, options)).revoked).toBe(
      1,
    );
    // a credential that was issued there and is in a version is not an orphan
    expect(world.enabled()).toHaveLength(1);
  });

  test('no orphan is revoked at a provider that cannot list', async () => {
    world = await createWorld(some.unlisted);
    await world.run();
    await world.clock.sleep(DAY);
    expect((await look()).revoked).toBe(0);
  });

  test('an orphan of a removed secret is found while its account has a target', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    const { arn } = await world.ledger();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(1)));
    await world.clock.sleep(SAFETY_AGE);
    expect(
      (await look(world.worker(), [{ ...world.target, name: 'other', secret: 'rekey/acme/other' }]))
        .revoked,
    ).toBe(1);
    expect(world.enabled()).toHaveLength(1);
  });

  test('a current credential is not an orphan after its label was removed by hand', async () => {
    world = await createWorld(some.deleting);
    await world.run();
    const { current } = await world.ledger();
    const [label = ''] =
      current?.labels.filter((one) => one.startsWith('rekey:1:credential:')) ?? [];
    await world.worker().store.label(world.target.secret, label, { from: current?.id ?? '' });
    await world.clock.sleep(SAFETY_AGE);
    expect((await look()).revoked).toBe(0);
    // a worker looks for orphans, and dies before it has a successor
    for (
      let effect = 1;
      (await world.ledger()).current?.id === current?.id && effect < 20;
      effect++
    ) {
      await world.crash(effect, 'after');
      if ((await world.ledger()).current?.id === current?.id)
        expect(await world.accepts(current?.id ?? '')).toBe('accepted');
    }
    await world.live(2 * DAY);
    expect((await world.ledger()).current?.credential).toBeDefined();
  });
});
