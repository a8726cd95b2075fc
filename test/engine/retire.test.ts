import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Target } from '../../lib/core/fleet/index.ts';
import { announceRemoved } from '../../lib/core/jobs/removed.ts';
import { request } from '../../lib/core/jobs/requests.ts';
import { retiredTarget } from '../../lib/core/jobs/retire.ts';
import { labels, superseded } from '../../lib/core/ledger/index.ts';
import { Secret } from '../../lib/core/secret.ts';
import { sweep } from '../../lib/core/sweep/index.ts';
import { stalling } from '../support/effects.ts';
import { everyEffect } from '../support/every-effect.ts';
import { some } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

/*
 * A target left the fleet file, and a person retires it: its credentials end. The tests check the
 * world: what lives at the vendor, what the store holds, what was announced.
 */
const opened = async (provider: string, change?: Partial<Target>): Promise<World> => {
  const world = await createWorld(provider, change);
  onTestFinished(world.close);
  return world;
};
const issued = async (world: World) => void (await world.run());
const rotationDue = async (world: World) => {
  await issued(world);
  await world.clock.sleep(HOUR);
  await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
};
const rotated = async (world: World) => {
  await rotationDue(world);
  await world.run();
};
/** The sweep of a deployment without the target. */
const swept = async (world: World) => {
  const engine = world.worker();
  const { removed } = await sweep(engine, { id: 'acme', targets: [] });
  for (const secret of removed) await announceRemoved(engine, 'acme', secret, 'test');
};
const retirements = (world: World) =>
  new Map(world.events('Target Retired').map(({ detail }) => [detail.metadata.id, detail.data]))
    .values()
    .toArray();

/** Checks the world after a retirement. */
async function expectRetired(world: World, what = ''): Promise<void> {
  await world.holds();
  expect(world.alive(), what).toEqual([]);
  const { current, versions } = await world.ledger();
  expect(
    versions.filter(({ credential }) => credential),
    what,
  ).toEqual([]);
  expect(await world.accepts(current?.id ?? ''), what).toBe('no credential');
  expect(retirements(world), what).not.toHaveLength(0);
  const before = world.published.length;
  await swept(world);
  expect(world.published, 'the sweep is quiet').toHaveLength(before);
}

const beginnings: readonly {
  readonly name: string;
  readonly before: (world: World) => Promise<unknown>;
}[] = [
  { name: 'with one credential', before: issued },
  { name: 'with one in its grace', before: rotated },
  {
    name: 'with a rotation that died after the credential was created',
    async before(world) {
      await rotationDue(world);
      // describe, admin, list where it can, create
      for (let effect = 3; world.enabled().length < 2; effect++) await world.crash(effect, 'after');
    },
  },
  {
    name: 'with a candidate',
    async before(world) {
      await rotationDue(world);
      for (let effect = 3; !(await world.ledger()).pending; effect++)
        await world.crash(effect, 'after');
    },
  },
  {
    name: 'with a rollback under way',
    async before(world) {
      await rotated(world);
      await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
      for (let effect = 2; !(await world.ledger()).pending; effect++)
        await world.crash(effect, 'after');
    },
  },
];

describe.each([some.disabling])('%s', (provider) => {
  describe.each(beginnings)('a retirement $name', ({ before }) => {
    test.each(['before', 'after'] as const)(
      'a retirement survives a crash %s any effect: in the end nothing is alive',
      async (moment) => {
        for (const effect of everyEffect()) {
          const world = await createWorld(provider);
          try {
            await before(world);
            const retired = retiredTarget(world.target);
            await world.crash(effect, moment, retired);
            await expect(
              world.holdsAtAnyTime(),
              `${moment} effect ${effect}`,
            ).resolves.toBeUndefined();
            await world.live(40 * DAY, retired);
            await expectRetired(world, `${moment} effect ${effect}`);
            expect(effect.kinds.length, 'the run has effects').toBeGreaterThan(0);
          } finally {
            await world.close();
          }
        }
      },
    );
  });
});

describe('a retirement', () => {
  test('a retirement revokes at once if the provider cannot disable', async () => {
    const world = await opened(some.deleting);
    await issued(world);
    await world.run(world.worker(), retiredTarget(world.target));
    await expectRetired(world);
    expect(world.events('Credential Revoked').map(({ detail }) => detail.data)).toMatchObject([
      { proof: { kind: 'refused-by-registry' }, reversible: false },
    ]);
  });

  test('a retirement disables first, and deletes after the soak', async () => {
    const world = await opened(some.disabling);
    await issued(world);
    await world.run(world.worker(), retiredTarget(world.target));
    expect(world.enabled()).toEqual([]);
    expect(world.alive()).toHaveLength(1);
    await world.run(world.worker(), retiredTarget(world.target, { soak: 0 }));
    await expectRetired(world);
  });

  test('a retirement keeps the announced grace of a superseded credential', async () => {
    const world = await opened(some.deleting);
    await rotated(world);
    await world.run(world.worker(), retiredTarget(world.target));
    const [left] = (await world.ledger()).versions.filter(superseded);
    expect(left?.revokeAfter && left.revokeAfter > world.clock.now()).toBe(true);
    await world.holdsAtAnyTime();
    await world.live(DAY + MINUTE, retiredTarget(world.target));
    await expectRetired(world);
  });

  test('a retirement does not wait for the grace of an interrupted rotation', async () => {
    const world = await opened(some.deleting);
    await issued(world);
    const { current } = await world.ledger();
    const id = current?.id ?? '';
    const later = new Date(world.clock.now().getTime() + DAY);
    await world
      .worker()
      .store.label(world.target.secret, labels.revokeAfter(id, later), { to: id });
    await world.run(world.worker(), retiredTarget(world.target));
    await expectRetired(world);
  });

  test('a retirement waits for the expiry of an expiry-only credential', async () => {
    const world = await opened(some.expiring);
    await issued(world);
    const expiresAt = (await world.ledger()).current?.credential?.expiresAt;
    const { decision } = await world.run(world.worker(), retiredTarget(world.target));
    expect(decision).toMatchObject({ action: 'wait', at: expiresAt });
    expect((await world.ledger()).current?.credential).toBeUndefined();
    await world.live(3 * DAY, retiredTarget(world.target));
    await expectRetired(world);
    expect(world.events('Credential Expired')).toHaveLength(1);
  });

  test('a retirement begins 15 minutes after the removal was announced', async () => {
    const world = await opened(some.deleting);
    await issued(world);
    await swept(world);
    const { steps } = await world.run(world.worker(), retiredTarget(world.target));
    expect(steps).toEqual([]);
    expect(world.enabled()).toHaveLength(1);
    await world.live(15 * MINUTE, retiredTarget(world.target));
    await expectRetired(world);
    expect(world.events('Target Removed').map(({ detail }) => detail.data)).toMatchObject([
      { liveCredentials: 1 },
    ]);
    expect(retirements(world)).toHaveLength(1);
  });

  test('a repeated retirement does nothing; a returned target gets a credential', async () => {
    const world = await opened(some.deleting);
    await issued(world);
    await world.run(world.worker(), retiredTarget(world.target));
    const before = world.published.length;
    expect((await world.run(world.worker(), retiredTarget(world.target))).steps).toEqual([]);
    expect(world.published).toHaveLength(before);
    await world.clock.sleep(HOUR);
    await world.run();
    expect(world.enabled()).toHaveLength(1);
    await world.holds();
    await world.run(world.worker(), retiredTarget(world.target));
    await expectRetired(world);
  });

  test('a retirement keeps a value put by hand', async () => {
    const world = await opened(some.deleting);
    await issued(world);
    const { store } = world.worker();
    const id = crypto.randomUUID();
    await store.put(world.target.secret, id, new Secret('{"mine":true}'), ['AWSCURRENT']);
    await world.run(world.worker(), retiredTarget(world.target));
    expect((await world.ledger()).current?.id).toBe(id);
    await expectRetired(world);
  });

  test('a retirement ends a credential that was made current again by hand', async () => {
    const world = await opened(some.disabling);
    await issued(world);
    const first = (await world.ledger()).current?.id ?? '';
    await world.run(world.worker(), retiredTarget(world.target));
    const now = (await world.ledger()).current?.id;
    const move = {
      SecretId: world.target.secret,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: now,
      MoveToVersionId: first,
    };
    await world.secretsManager.send(new UpdateSecretVersionStageCommand(move));
    await world.live(3 * DAY, retiredTarget(world.target));
    expect((await world.ledger()).current?.id).toBe(now);
    await expectRetired(world);
  });

  test('a retirement leaves a candidate to its worker for 15 minutes, then ends it', async () => {
    const world = await opened(some.deleting);
    await rotationDue(world);
    for (let effect = 3; !(await world.ledger()).pending; effect++)
      await world.crash(effect, 'after');
    const promoted = world.events('Credential Rotated').length;
    await world.live(14 * MINUTE, retiredTarget(world.target));
    expect(world.enabled()).toHaveLength(2);
    await world.live(MINUTE, retiredTarget(world.target));
    await expectRetired(world);
    expect(world.events('Credential Rotated')).toHaveLength(promoted);
  });

  test('a retirement first ends the orphan of a crashed rotation', async () => {
    const world = await opened(some.deleting);
    await rotationDue(world);
    for (let effect = 3; world.enabled().length < 2; effect++) await world.crash(effect, 'after');
    await world.run(world.worker(), retiredTarget(world.target));
    await expectRetired(world);
    expect(world.events('Orphan Revoked')).toHaveLength(1);
  });

  test('a sweep does not announce a retirement as another removal', async () => {
    const world = await opened(some.disabling);
    await issued(world);
    await world.run(world.worker(), retiredTarget(world.target));
    await swept(world);
    expect(world.events('Target Removed')).toEqual([]);
  });

  test('a retirement revokes nothing while its admin credential is refused', async () => {
    const world = await opened(some.deleting);
    await issued(world);
    world.vendor.faults.next(/./, { status: 401 });
    await expect(world.run(world.worker(), retiredTarget(world.target))).rejects.toMatchObject({
      code: 'admin-refused',
    });
    expect(world.enabled()).toHaveLength(1);
    await world.holdsAtAnyTime();
    await world.run(world.worker(), retiredTarget(world.target));
    await expectRetired(world);
  });

  test('a retirement does not begin a requested rollback', async () => {
    const world = await opened(some.deleting);
    await rotated(world);
    await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
    await world.run(world.worker(), retiredTarget(world.target));
    expect((await world.ledger()).pending).toBeUndefined();
    expect((await world.ledger()).current?.retired).toBe(true);
    await world.live(2 * DAY, retiredTarget(world.target));
    await expectRetired(world);
  });

  test('a retirement never treats a credential that is being stored as an orphan', async () => {
    for (const effect of everyEffect()) {
      const world = await createWorld(some.deleting);
      try {
        await rotationDue(world);
        // describe, admin, list, create, and not yet stored
        const rotating = stalling(world.worker(), 5);
        const rotation = world.run(rotating.engine).catch(() => {});
        expect(await rotating.stalled).toBe(true);
        expect(world.enabled()).toHaveLength(2);
        const retiring = stalling(world.worker(), effect);
        const retirement = world
          .run(retiring.engine, retiredTarget(world.target))
          .catch(() => {})
          .finally(retiring.through);
        await retiring.stalled;
        rotating.release();
        await rotation;
        retiring.release();
        await retirement;
        const ids = (type: string) =>
          world
            .events(type)
            .map(({ detail }) => 'credentialId' in detail.data && detail.data.credentialId);
        for (const id of ids('Orphan Revoked'))
          expect(ids('Credential Rotated'), `effect ${effect}`).not.toContain(id);
        await world.stands();
        await world.live(4 * DAY, retiredTarget(world.target));
        await expectRetired(world, `effect ${effect}`);
      } finally {
        await world.close();
      }
    }
  });

  test.each([
    [
      'another retirement',
      issued,
      (world: World) => world.run(world.worker(), retiredTarget(world.target)),
    ],
    [
      'a rotation by a worker that still knew the target',
      rotationDue,
      (world: World) => world.run(),
    ],
  ])(
    'a retirement stalled before any effect while %s runs leaves nothing alive',
    async (_what, before, meanwhile) => {
      for (const effect of everyEffect()) {
        const world = await createWorld(some.deleting);
        try {
          await before(world);
          const { engine, stalled, release, through } = stalling(world.worker(), effect);
          const running = world
            .run(engine, retiredTarget(world.target))
            .catch(() => {})
            .finally(through);
          const reached = await stalled;
          if (reached) await meanwhile(world);
          release();
          await running;
          await world.stands();
          await world.live(4 * DAY, retiredTarget(world.target));
          await expectRetired(world, `effect ${effect}`);
        } finally {
          await world.close();
        }
      }
    },
  );

  test('a retirement during a rotation that stalls anywhere leaves nothing alive', async () => {
    for (const effect of everyEffect()) {
      const world = await createWorld(some.deleting);
      try {
        await rotationDue(world);
        await world.stall(effect, () => world.run(world.worker(), retiredTarget(world.target)));
        await world.stands();
        await world.live(4 * DAY, retiredTarget(world.target));
        await expectRetired(world, `effect ${effect}`);
      } finally {
        await world.close();
      }
    }
  });
});
