import { describe, expect, onTestFinished, test } from 'vitest';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { reconcile } from '../../../lib/core/reconcile/index.ts';
import type { QuayBehaviour } from '../../../lib/sandbox/vendors/quay/api.ts';
import type { createSimulatedQuayRobot } from '../../../lib/sandbox/vendors/quay/index.ts';
import { stalling } from '../../support/effects.ts';
import { everyEffect } from '../../support/every-effect.ts';
import { DAY, HOUR, MINUTE } from '../../support/snapshot.ts';
import { createWorld, type World } from '../../support/world.ts';

/*
 * A provider that shows the password again: a worker adopts the credential that a crash left. Two
 * workers may hold the same credential, and neither may revoke it while the other uses it. And a
 * provider of expiry-only credentials.
 */
async function opened(provider: string, change?: Partial<Target>): Promise<World> {
  const world = await createWorld(provider, change);
  onTestFinished(world.close);
  return world;
}
const modelOf = (world: World) =>
  (world.vendor as ReturnType<typeof createSimulatedQuayRobot>).model;
const behaviourOf = (world: World) => world.vendor.behaviour as QuayBehaviour;
const requestFor = (world: World, type: Parameters<typeof request>[2]) =>
  request(world.worker().store, world.clock, type, world.target);
const deletions = (world: World) =>
  world.vendor.requests.filter((line) => line.startsWith('DELETE ')).length;

const issued = async (world: World) => void (await world.run());
const rotationDue = async (world: World) => {
  await issued(world);
  await world.clock.sleep(HOUR);
  await requestFor(world, 'Rotation Requested');
};
const rotated = async (world: World) => {
  await rotationDue(world);
  await world.run();
};

/** Expects every live robot to have exactly the rights of the template. */
function expectSameRights(world: World, what = ''): void {
  for (const { id } of world.enabled())
    expect(modelOf(world).rightsOf(id), what).toEqual(modelOf(world).rightsOf('ci'));
}

describe('quay-robot: the life of a target', () => {
  test('after a year one robot is left, with the rights of the first, and no orphan', async () => {
    const world = await opened('quay-robot');
    await world.live(365 * DAY);
    const count = world.events('Credential Rotated').length;
    expect(count).toBeGreaterThanOrEqual(13);
    expect(world.enabled().length).toBeLessThanOrEqual(2);
    expect(world.events('Credential Revoked').length).toBeGreaterThanOrEqual(count - 2);
    for (const type of ['Orphan Revoked', 'Rotation Failed', 'Revocation Failed'])
      expect(world.events(type)).toEqual([]);
    expectSameRights(world);
    await world.holds();
  });

  test('the next robot gets the rights of the current robot, not of the template', async () => {
    const world = await opened('quay-robot');
    await issued(world);
    const model = modelOf(world);
    const [first] = world.enabled();
    Object.assign(model.repository('base')?.users ?? {}, { [first?.username ?? '']: 'admin' });
    Object.assign(model.repository('app')?.users ?? {}, { 'acme_corp+ci': 'admin' });
    await world.clock.sleep(HOUR);
    await requestFor(world, 'Rotation Requested');
    await world.run();
    const second = world.enabled().at(-1);
    expect(second?.id).not.toBe(first?.id);
    expect(model.rightsOf(second?.id ?? '').repositories).toEqual({
      app: 'write',
      worker: 'read',
      base: 'admin',
    });
  });

  test('after a change of parameters a robot gets the rights of the new template', async () => {
    const world = await opened('quay-robot');
    await issued(world);
    const model = modelOf(world);
    model.add('deploy', '', null, 'stranger');
    Object.assign(model.repository('base')?.users ?? {}, { 'acme_corp+deploy': 'read' });
    await world.clock.sleep(HOUR);
    await world.run(world.worker(), {
      ...world.target,
      params: { ...world.vendor.params, robot: 'deploy' },
      spec: 'cafe0002',
    });
    const { current } = await world.ledger();
    expect(current?.credential?.reason).toBe('spec-changed');
    expect(model.rightsOf(current?.credential?.id ?? '')).toEqual({
      repositories: { base: 'read' },
      teams: [],
      prototypes: [],
    });
  });

  test('a robot that a mirror uses is revoked once the mirror has another', async () => {
    const world = await opened('quay-robot');
    await rotated(world);
    behaviourOf(world).mirrored = true;
    await world.live(2 * DAY);
    expect(world.events('Credential Revoked')).toEqual([]);
    expect(world.events('Revocation Failed')[0]?.detail.data).toMatchObject({
      errorClass: 'rejected',
      terminal: true,
    });
    behaviourOf(world).mirrored = false;
    await world.live(2 * DAY);
    expect(world.events('Credential Revoked')).toHaveLength(1);
    await world.holds();
  });

  test('a rollback brings a robot back, and a compromise revokes every other one', async () => {
    const world = await opened('quay-robot');
    await rotated(world);
    await requestFor(world, 'Rollback Requested');
    await world.run();
    expect((await world.ledger()).current?.credential?.reason).toBe('never-issued');
    await world.clock.sleep(16 * MINUTE);
    await requestFor(world, 'Credential Compromised');
    await world.run();
    expect(world.enabled()).toHaveLength(1);
    await world.holds();
  });

  test('a rotation takes 7 calls, 2 per repository, and those for teams and defaults', async () => {
    const world = await opened('quay-robot');
    await rotationDue(world);
    const before = world.vendor.requests.length;
    await world.run();
    const calls = world.vendor.requests.slice(before);
    expect(calls.filter((line) => !/\/(members|permissions)\/|^POST /.test(line))).toHaveLength(7);
    expect(calls.filter((line) => line.includes('/permissions/'))).toHaveLength(2 * 2);
    expect(calls).toHaveLength(7 + 2 * 2 + 1 + 2);
  });
});

describe('quay-robot: a worker that dies', () => {
  // the crash matrix covers the others
  test.each([['a rotation', rotationDue, 1]] as const)(
    'a worker that dies after any effect of %s loses nothing and revokes no robot for it',
    async (name, before, revoked) => {
      // a crash before the next effect leaves the same world
      for (const effect of everyEffect()) {
        const where = `after effect ${effect} of ${name}`;
        const world = await createWorld('quay-robot');
        try {
          await before(world);
          await world.crash(effect, 'after');
          await expect(world.holdsAtAnyTime(), where).resolves.toBeUndefined();
          await world.live(2 * DAY);
          await expect(world.holds(), where).resolves.toBeUndefined();
          expect(world.enabled(), where).toHaveLength(1);
          expectSameRights(world, where);
          // a half-made robot is adopted, not revoked
          expect(world.events('Orphan Revoked'), where).toEqual([]);
          expect(world.vendor.credentials(), where).toHaveLength(revoked + 1);
          expect(
            new Set(world.events('Credential Revoked').map(({ detail }) => detail.metadata.id))
              .size,
            where,
          ).toBe(revoked);
        } finally {
          await world.close();
        }
      }
    },
  );

  test('a half-made robot is not adopted by a worker with other parameters', async () => {
    const world = await opened('quay-robot');
    const model = modelOf(world);
    model.add('deploy', '', null, 'stranger');
    Object.assign(model.repository('base')?.users ?? {}, { 'acme_corp+deploy': 'read' });
    // the robot is made, and may write to `app`
    for (
      let effect = 1;
      !model.repository('app')?.users[
        world.enabled().find(({ id }) => id !== 'deploy')?.username ?? ''
      ];
      effect++
    ) {
      await world.crash(effect, 'after');
    }
    const other = {
      ...world.target,
      params: { ...world.vendor.params, robot: 'deploy' },
      spec: 'cafe0002',
    };
    await world.live(DAY, other);
    const { current } = await world.ledger();
    expect(model.rightsOf(current?.credential?.id ?? '')).toEqual({
      repositories: { base: 'read' },
      teams: [],
      prototypes: [],
    });
    expect(world.enabled().map(({ id }) => id)).toEqual(['deploy', current?.credential?.id]);
    expect(world.events('Orphan Revoked')).toHaveLength(1);
  });
});

interface Race {
  readonly name: string;
  readonly before: (world: World) => Promise<void>;
  readonly meanwhile: (world: World) => Promise<unknown>;
}

const races: readonly Race[] = [
  { name: 'issue the first credential', before: async () => {}, meanwhile: (world) => world.run() },
  { name: 'rotate', before: rotationDue, meanwhile: (world) => world.run() },
  {
    name: 'rotate while a compromise becomes known',
    before: rotationDue,
    async meanwhile(world) {
      await requestFor(world, 'Credential Compromised');
      await world.run();
    },
  },
  {
    name: 'revoke',
    async before(world) {
      await rotated(world);
      await world.clock.sleep(DAY + MINUTE);
    },
    meanwhile: (world) => world.run(),
  },
  {
    name: 'rotate, and the second one dies after it has stored',
    before: rotationDue,
    async meanwhile(world) {
      await diesAfter(world, 'put');
      await world.clock.sleep(6 * MINUTE);
    },
  },
  {
    name: 'rotate, and the second one dies after it has promoted',
    before: rotationDue,
    meanwhile: (world) => diesAfter(world, 'move'),
  },
];

describe('quay-robot: two workers', () => {
  test.each(races)(
    'two workers $name: a stall anywhere loses nothing and revokes nothing early',
    async ({ before, meanwhile }) => {
      for (const effect of everyEffect()) {
        const world = await createWorld('quay-robot');
        const where = `stalled before effect ${effect}`;
        try {
          await before(world);
          await world.stall(effect, () => meanwhile(world));
          await expect(world.holdsAtAnyTime(), where).resolves.toBeUndefined();
          expect((await world.ledger()).current?.revokeAfter, where).toBeUndefined();
          await world.live(2 * DAY);
          await expect(world.holds(), where).resolves.toBeUndefined();
          expect(world.enabled(), where).toHaveLength(1);
          expectSameRights(world, where);
        } finally {
          await world.close();
        }
      }
    },
  );

  test('eight workers at once leave one more robot, and revoke none', async () => {
    const world = await opened('quay-robot');
    await rotationDue(world);
    await Promise.allSettled(Array.from({ length: 8 }, () => world.run()));
    await world.holdsAtAnyTime();
    expect(world.vendor.credentials()).toHaveLength(2);
    expect(deletions(world)).toBe(0);
    expectSameRights(world);
    await world.live(4 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });
});

/** A worker that dies when it has stored its candidate (`put`), or made it current (`move`). */
async function diesAfter(world: World, what: 'put' | 'move'): Promise<void> {
  const engine = world.worker();
  const { store } = engine;
  const put: typeof store.put = async (...args) => {
    const result = await store.put(...args);
    if (what === 'put') throw new Error('dead');
    return result;
  };
  const label: typeof store.label = async (secret, text, move) => {
    const done = await store.label(secret, text, move);
    if (what === 'move' && text === 'AWSCURRENT') throw new Error('dead');
    return done;
  };
  await world.run({ ...engine, store: { ...store, put, label } }).catch(() => {});
}

/** Runs `before` each time before the work. */
function hooked<Args extends unknown[], Result>(
  work: (...args: Args) => Promise<Result>,
  before: (args: Args) => Promise<void>,
) {
  return async (...args: Args): Promise<Result> => {
    await before(args);
    return work(...args);
  };
}

describe('quay-robot: two workers with one robot', () => {
  test('a slow worker promotes no robot that another worker has discarded', async () => {
    const world = await opened('quay-robot');
    await rotationDue(world);
    const engine = world.worker();
    let looked = false;
    // after its decision and before it calls the provider, another worker stores the same robot,
    // and dies
    const send = hooked(engine.http.send, async ([{ url }]) => {
      if (looked || !url.includes('/robots')) return;
      looked = true;
      await diesAfter(world, 'put');
      await world.clock.sleep(6 * MINUTE);
    });
    const check = hooked(engine.registry.check, async () => world.clock.sleep(5 * MINUTE));
    const label = hooked(engine.store.label, async ([, text]) => {
      if (text !== 'AWSCURRENT') return;
      await world.clock.sleep(4.5 * MINUTE);
      world.vendor.faults.next(/^PUT /, { status: 500 });
      await world.run();
    });
    await world
      .run({ ...engine, http: { send }, registry: { check }, store: { ...engine.store, label } })
      .catch(() => {});
    expect(looked).toBe(true);
    const ids = (type: string) =>
      world
        .events(type)
        .map(({ detail }) => (detail.data as { credentialId?: string }).credentialId);
    const revoked = ids('Credential Revoked');
    expect(ids('Credential Rotated').filter((id) => revoked.includes(id))).toEqual([]);
    await world.holdsAtAnyTime();
    await world.live(4 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('a worker without room for a label leaves a robot alive that another stored', async () => {
    const world = await opened('quay-robot');
    await rotationDue(world);
    const engine = world.worker();
    const put: typeof engine.store.put = async () => {
      await world.run();
      throw new RekeyError('label-limit', 'no label is left');
    };
    await world.run({ ...engine, store: { ...engine.store, put } }).catch(() => {});
    expect(world.events('Credential Rotated')).toHaveLength(2);
    await world.holdsAtAnyTime();
    expect(deletions(world)).toBe(0);
  });

  test('a worker with another format leaves the candidate of another worker alive', async () => {
    const world = await opened('quay-robot');
    await rotationDue(world);
    const later = { ...world.target, format: 'dockerconfigjson' } as const;
    for (let effect = 1; effect < 20; effect++) {
      const { engine, stalled, release, through } = stalling(world.worker(), effect);
      const running = reconcile(engine, later, {
        signal: new AbortController().signal,
        correlationId: 'later',
      }).finally(through);
      if (await stalled) await world.run();
      release();
      await running;
      await world.holdsAtAnyTime();
      await world.clock.sleep(HOUR);
      await requestFor(world, 'Rotation Requested');
    }
    expect(world.events('Rotation Failed')).toEqual([]);
    await world.live(4 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });
});

describe('quay-oauth-token: the life of a target', () => {
  const short = { interval: 30 * MINUTE, grace: 15 * MINUTE, revocable: false } as const;
  const openedToken = async () => {
    const world = await opened('quay-oauth-token', short);
    behaviourOf(world).leeway = 30;
    return world;
  };
  const currentOf = async (world: World) => (await world.ledger()).current;

  test('a token is issued, proven on its repository, stored with its header', async () => {
    const world = await openedToken();
    await issued(world);
    const current = await currentOf(world);
    expect(Number(current?.credential?.expiresAt) - Number(current?.credential?.issuedAt)).toBe(
      HOUR,
    );
    expect(world.enabled().map(({ id }) => id)).toEqual([current?.credential?.id]);
    const value = await world.worker().store.read(world.target.secret, current?.id);
    const fields = JSON.parse(value?.reveal() ?? '') as Record<string, string>;
    expect(Object.keys(fields)).toEqual([
      'token',
      'registry',
      'repository',
      'username',
      'authorization',
    ]);
    const { authorization = '' } = fields;
    const referrers = (headers: Record<string, string>) =>
      fetch(`http://${fields.registry}/v2/${fields.repository}/referrers/sha256:00`, { headers });
    expect((await referrers({ authorization })).status).toBe(200);
    expect((await referrers({})).status).toBe(401);
    expect(world.events('Credential Rotated')).toHaveLength(1);
  });

  test('the current token is alive all day, and each expired one is announced', async () => {
    const world = await openedToken();
    for (let minute = 0; minute < 24 * 60; minute += 5) {
      await world.run();
      await world.holdsAtAnyTime();
      await world.clock.sleep(5 * MINUTE);
    }
    const count = world.events('Credential Rotated').length;
    expect(count).toBeGreaterThanOrEqual(44);
    expect(count).toBeLessThanOrEqual(56);
    expect(world.events('Credential Expired').length).toBeGreaterThanOrEqual(count - 4);
    for (const type of ['Credential Revoked', 'Rotation Failed', 'Revocation Failed'])
      expect(world.events(type)).toEqual([]);
    expect(world.enabled().length).toBeLessThanOrEqual(3);
    const first = world.events('Credential Expired')[0]?.detail.data;
    expect(first).toMatchObject({ proof: { kind: 'refused-by-registry' } });
  });

  test('a token costs four calls at its rotation, and three at its expiry', async () => {
    const world = await openedToken();
    behaviourOf(world).leeway = 0;
    await issued(world);
    expect(world.vendor.requests).toEqual([
      'GET /v2/',
      'GET /v2/auth',
      'GET /v2/acme_corp/app/tags/list',
      'GET /v2/acme_corp/app/tags/list',
    ]);
    await world.live(2 * HOUR);
    const count = (type: string) => world.events(type).length;
    expect(world.vendor.requests).toHaveLength(
      4 * count('Credential Rotated') + 3 * count('Credential Expired'),
    );
  });

  test('a deleted robot stops the rotation; its token works until it expires', async () => {
    const world = await openedToken();
    await issued(world);
    const { model } = world.vendor as ReturnType<typeof createSimulatedQuayRobot>;
    const entry = model.ledger.find('ci');
    if (entry) model.remove(entry);
    await world.live(31 * MINUTE);
    expect(world.events('Rotation Failed')[0]?.detail.data).toMatchObject({
      errorClass: 'admin-refused',
      terminal: true,
    });
    expect(await world.accepts((await currentOf(world))?.id ?? '')).toBe('accepted');
    await world.clock.sleep(HOUR);
    expect(await world.accepts((await currentOf(world))?.id ?? '')).toBe('refused');
  });

  test('two workers, one stalled anywhere, leave one current token that is accepted', async () => {
    for (const effect of everyEffect()) {
      const where = `stalled before effect ${effect}`;
      const world = await createWorld('quay-oauth-token', short);
      try {
        await issued(world);
        await world.clock.sleep(31 * MINUTE);
        await world.stall(effect, () => world.run());
        await expect(world.holdsAtAnyTime(), where).resolves.toBeUndefined();
        expect(world.events('Credential Rotated').length, where).toBeGreaterThanOrEqual(2);
        await world.live(HOUR + 5 * MINUTE);
        await expect(world.holds(), where).resolves.toBeUndefined();
      } finally {
        await world.close();
      }
    }
  });
});
