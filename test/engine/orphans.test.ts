import { afterEach, describe, expect, test } from 'vitest';
import { formatLabel, labelPrefix } from '../../lib/core/label.ts';
import { revokeOrphans, SAFETY_AGE } from '../../lib/core/orphans.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.close());

const listing = ['ionos', 'deepgram', 'quay-robot', 'huawei-swr-enterprise'];
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
  test('only what bears this fleet’s label, of one of its secrets, and is in no version, is revoked', async () => {
    world = await createWorld(provider);
    await world.run();
    const { arn, current } = await world.ledger();
    const { fleet } = world.target;
    const prefix = labelPrefix(fleet, arn);
    const orphans = [1, 2].map((n) => world.vendor.plant(formatLabel(fleet, arn, version(n))).id);
    const lookAlikes = [
      '',
      'rekey',
      'somebody-elses',
      prefix,
      `${prefix}${'g'.repeat(32)}`,
      `${prefix}${'0'.repeat(31)}`,
      `my-${formatLabel(fleet, arn, version(3))}`,
      formatLabel(`${fleet}-two`, arn, version(3)),
      formatLabel('other', arn, version(3)),
      formatLabel(fleet, `${arn}x`, version(3)),
    ].map((label) => world.vendor.plant(label).id);
    await world.clock.sleep(SAFETY_AGE);
    expect(await look()).toBe(2);
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
    expect(await look()).toBe(0);
  });

  test('what is younger than the safety age is left alone', async () => {
    world = await createWorld(provider);
    await world.run();
    const { arn } = await world.ledger();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(1)));
    await world.clock.sleep(SAFETY_AGE - MINUTE);
    expect(await look()).toBe(0);
    await world.clock.sleep(MINUTE);
    expect(await look()).toBe(1);
  });
});

describe('orphans', () => {
  test('superseded, disabled and pending credentials are none: their ids are in a version', async () => {
    world = await createWorld('ionos', { grace: 2 * HOUR });
    await world.run();
    await world.clock.sleep(31 * DAY);
    await world.run();
    await world.clock.sleep(HOUR);
    const before = ids();
    expect(before).toHaveLength(2);
    expect(await look()).toBe(0);
    expect(ids()).toEqual(before);
  });

  test('a worker that is about to store one, however slowly, does not lose it silently: its version id is used up', async () => {
    world = await createWorld('ionos');
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

  test('that cannot be asked of a provider that does not list are none', async () => {
    world = await createWorld('digitalocean');
    await world.run();
    await world.clock.sleep(DAY);
    expect(await look()).toBe(0);
  });

  test('behind a secret that left the fleet are found too, as long as its account has another target', async () => {
    world = await createWorld('ionos');
    await world.run();
    const { arn } = await world.ledger();
    world.vendor.plant(formatLabel(world.target.fleet, arn, version(1)));
    await world.clock.sleep(SAFETY_AGE);
    expect(await look(world.worker(), [{ ...world.target, name: 'other', secret: 'rekey/acme/other' }])).toBe(1);
    expect(world.enabled()).toHaveLength(1);
  });

  test('what is current is none, although somebody took our label off it: it is replaced first', async () => {
    world = await createWorld('deepgram');
    await world.run();
    const { current } = await world.ledger();
    const [label = ''] = current?.labels.filter((one) => one.startsWith('rekey:credential:')) ?? [];
    await world.worker().store.label(world.target.secret, label, { from: current?.id ?? '' });
    await world.clock.sleep(SAFETY_AGE);
    expect(await look()).toBe(0);
    // a worker that looks for leftovers, and dies before it has a successor
    for (let effect = 1; (await world.ledger()).current?.id === current?.id && effect < 20; effect++) {
      await world.crash(effect, 'after');
      if ((await world.ledger()).current?.id === current?.id) expect(await world.accepts(current?.id ?? '')).toBe('accepted');
    }
    await world.live(2 * DAY);
    expect((await world.ledger()).current?.credential).toBeDefined();
  });
});
