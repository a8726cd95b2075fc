import { afterEach, describe, expect, test } from 'vitest';
import type { Version } from '../../../lib/core/ledger/index.ts';
import { can, disablingOnes, providersThat, some, usualOnes } from '../../support/providers.ts';
import type { World } from './setup.ts';
import {
  about,
  announcedEnd,
  current,
  DAY,
  dataOf,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  registryBack,
  registrySilent,
  request,
  rotated,
  soaking,
  state,
  time,
  vendorDown,
  vendorUp,
  worlds,
} from './setup.ts';
import { badRelease } from './workers.ts';

const { open, close } = worlds();
afterEach(close);

/** Passes time until the credential of a version is dead. Resolves to then, in ms since 1970. */
async function deathOf(world: World, version: Version, within: number): Promise<number> {
  const end = world.clock.now().getTime() + within;
  while (state(world, version) === 'enabled' && world.clock.now().getTime() < end)
    await pass(world, 5 * MINUTE);
  return world.clock.now().getTime();
}

const expiryOnly = providersThat({ revokes: false }).map((provider) => {
  const timing = can(provider).brief
    ? { interval: 30 * MINUTE, grace: 15 * MINUTE }
    : { interval: 16 * HOUR, grace: 2 * HOUR };
  return [provider, timing] as const;
});

describe.each(expiryOnly)('%s, with expiry-only credentials', (provider, timing) => {
  test('A superseded credential ends at its announced time', async () => {
    const world = await open(provider, timing);
    const first = await issued(world);
    const second = await rotated(world);
    const said = announcedEnd(about(world, second, 'Credential Rotated')[0]);
    const died = await deathOf(world, first, 3 * DAY);
    expect(Math.abs(died - said)).toBeLessThanOrEqual(10 * MINUTE);
    for (const event of about(world, first, 'Revocation Due')) {
      const { revokeAfter } = dataOf(event);
      expect(time(revokeAfter)).toBeGreaterThan(Number(event.time));
      expect(Math.abs(died - time(revokeAfter))).toBeLessThanOrEqual(10 * MINUTE);
    }
  });

  test('A compromised credential ends at its announced time', async () => {
    const world = await open(provider, timing);
    const first = await issued(world);
    await world.clock.sleep(20 * MINUTE);
    await request(world, 'Credential Compromised');
    await world.run();
    const said = announcedEnd(about(world, await current(world), 'Credential Rotated')[0]);
    const died = await deathOf(world, first, 3 * DAY);
    expect(Math.abs(died - said)).toBeLessThanOrEqual(10 * MINUTE);
  });
});

test.each(usualOnes)(
  '%s: a compromised credential ends at the time announced with its successor',
  async (provider) => {
    const world = await open(provider, { compromisedGrace: 2 * HOUR });
    const first = await issued(world);
    await world.clock.sleep(HOUR);
    await request(world, 'Credential Compromised');
    vendorDown(world, /POST/);
    await pass(world, 100 * MINUTE);
    vendorUp(world);
    await pass(world, 10 * MINUTE);
    const said = announcedEnd(about(world, await current(world), 'Credential Rotated')[0]);
    const died = await deathOf(world, first, DAY);
    expect(Math.abs(died - said)).toBeLessThanOrEqual(10 * MINUTE);
  },
);

test('No grace beyond the expiry of a credential is announced', async () => {
  const world = await open(some.unlisted);
  const first = await issued(world);
  const longer = { ...world.target, grace: 20 * DAY };
  await pass(world, 31 * DAY, { target: longer });
  const second = await current(world);
  expect(second.id).not.toBe(first.id);
  const said = announcedEnd(about(world, second, 'Credential Rotated')[0]);
  expect(said).toBeLessThanOrEqual(Number(first.credential?.expiresAt));
});

test('No end in the future is announced for a credential that has expired', async () => {
  const world = await open(some.unlisted, { interval: 6 * HOUR, grace: 30 * MINUTE });
  const first = await issued(world);
  vendorDown(world);
  await pass(world, 3 * DAY);
  vendorUp(world);
  await pass(world, 2 * DAY);
  expect(state(world, first)).toBe('expired');
  const [announced] = world
    .events('Credential Rotated')
    .filter(
      (event) =>
        JSON.stringify(event.detail.data).includes(first.id) &&
        dataOf(event).versionId !== first.id,
    );
  expect(announced).toBeDefined();
  const said = announcedEnd(announced);
  expect(Number.isNaN(said) || said <= Number(announced?.time)).toBe(true);
});

describe.each(disablingOnes)('%s', (provider) => {
  test.each([
    ['at once', false],
    ['while the vendor is down', true],
  ])(
    'A credential enabled by a rollback that fails %s is announced alive, then dead',
    async (_when, down) => {
      const world = await open(provider);
      const first = await soaking(world);
      expect(about(world, first, 'Credential Revoked')).toHaveLength(1);
      await request(world, 'Rollback Requested');
      registrySilent(world);
      let alive = false;
      const look = () => {
        alive ||= state(world, first) === 'enabled';
        if (alive && down) vendorDown(world);
      };
      await pass(world, 5 * HOUR, { look });
      vendorUp(world);
      registryBack(world);
      // as long as the backoff of an unproven revocation may take by now
      await pass(world, 3 * HOUR);
      expect(state(world, first)).not.toBe('enabled');
      const restored = about(world, first, 'Credential Restored', 'Rolled Back');
      expect(restored.length > 0).toBe(alive);
      const deaths = new Set(
        about(world, first, 'Credential Revoked').map(({ detail }) => detail.metadata.id),
      );
      expect(deaths.size).toBe(alive ? 2 : 1);
    },
  );

  test('A deletion after a soak is announced, and its failures have ids of their own', async () => {
    const world = await open(provider);
    const first = await issued(world);
    await rotated(world);
    await pass(world, 20 * HOUR);
    world.vendor.faults.next(/PUT|PATCH/, { status: 500 }, 3);
    await pass(world, 7 * HOUR);
    expect(state(world, first)).toBe('disabled');
    const before = about(world, first, 'Revocation Failed').length;
    world.vendor.faults.next(/DELETE/, { status: 500 }, 3);
    await pass(world, 3 * DAY);
    expect(state(world, first)).toBe('deleted');
    const failures = about(world, first, 'Revocation Failed').map(
      ({ detail }) => detail.metadata.id,
    );
    expect(before).toBeGreaterThan(0);
    expect(failures.length).toBeGreaterThan(before);
    expect(new Set(failures).size).toBe(failures.length);
    expect(about(world, first, 'Credential Deleted')).toHaveLength(1);
  });
});

describe('A create at a vendor that lists nothing', () => {
  test('a lost create at a vendor that cannot list announces what may be alive', async () => {
    const world = await open(some.unlisted);
    world.vendor.faults.next(/./, { cut: 'after' }, 1);
    await pass(world, HOUR);
    expect(JSON.stringify(world.published.map(dataOf))).toContain('mayBeAlive');
    expect(eventData(world, 'Rotation Failed')).toMatchObject([{ mayBeAlive: {} }]);
  });

  test('a release that throws after a create announces what may be alive', async () => {
    const world = await open(some.unlisted);
    await pass(world, 10 * MINUTE, { worker: () => badRelease(world) });
    const lost = eventData(world, 'Rotation Failed').filter((data) => 'mayBeAlive' in data);
    expect(world.enabled().length).toBeGreaterThan(0);
    expect(lost.length).toBe(world.enabled().length);
  });
});
