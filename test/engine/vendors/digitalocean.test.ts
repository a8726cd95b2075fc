import { inspect } from 'node:util';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import type { DigitaloceanBehaviour } from '../../../lib/sandbox/vendors/digitalocean/api.ts';
import { everyEffect } from '../../support/every-effect.ts';
import { DAY, HOUR, MINUTE } from '../../support/snapshot.ts';
import { createWorld, type World } from '../../support/world.ts';

/*
 * A provider that cannot list: a credential that a crash loses is never found, so each must expire.
 * And its credentials are revoked with their own secret.
 */
const EMAIL = 'owner@simulated-account.test';
const mint = /^GET .*\/docker-credentials$/;
const revocation = /^POST \/v1\/oauth\/revoke$/;

async function opened(change?: Partial<Target>): Promise<World> {
  const world = await createWorld('digitalocean', change);
  onTestFinished(world.close);
  return world;
}
afterEach(() => void vi.restoreAllMocks());

const behaviourOf = (world: World) => world.vendor.behaviour as DigitaloceanBehaviour;

const rotateNow = async (world: World) => {
  await world.clock.sleep(HOUR);
  await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
};
const issued = async (world: World) => void (await world.run());
const rotated = async (world: World) => {
  await issued(world);
  await rotateNow(world);
  await world.run();
};

/** Alive, and in no version. */
async function lost(world: World): Promise<string[]> {
  const { versions } = await world.ledger();
  const known = versions.flatMap(({ credential }) => (credential ? [credential.id] : []));
  return world.alive().flatMap(({ id }) => (known.includes(id) ? [] : [id]));
}

/** The longest a credential of the target may live. */
const lifetime = ({ interval, grace, soak }: Target) => interval + 2 * grace + soak + DAY;

/**
 * Expects each live credential that is in no version to expire within `lifetime`. Ends the world:
 * its time goes on without a worker.
 */
async function expectLostToExpire(world: World, what: string): Promise<void> {
  const ids = await lost(world);
  world.clock.jumpTo(new Date(world.clock.now().getTime() + lifetime(world.target)));
  const alive = world.alive().map(({ id }) => id);
  expect(
    ids.filter((id) => alive.includes(id)),
    what,
  ).toEqual([]);
}

describe('digitalocean: the life of a target', () => {
  test('the first credential is issued with an expiry, proven and announced', async () => {
    const world = await opened();
    const { steps } = await world.run();
    expect(steps.map(({ decision, error }) => [decision.reason, error?.message])).toEqual([
      ['never-issued', undefined],
    ]);
    const { current, pending } = await world.ledger();
    expect(pending).toBeUndefined();
    expect(world.enabled().map(({ id }) => id)).toEqual([current?.credential?.id]);
    expect(Number(current?.credential?.expiresAt) - Number(current?.credential?.issuedAt)).toBe(
      lifetime(world.target),
    );
    expect(await world.accepts(current?.id ?? '')).toBe('accepted');
    expect(world.events('Credential Rotated')).toHaveLength(1);
    await world.holds();
  });

  test('the previous credential lives for its grace, ends itself, and is proven dead', async () => {
    const world = await opened();
    await issued(world);
    const first = (await world.ledger()).current;
    await world.live(30 * DAY - HOUR);
    expect((await world.ledger()).current?.id).not.toBe(first?.id);
    await world.live(5 * DAY);
    expect(world.alive()).toHaveLength(1);
    expect(await world.accepts(first?.id ?? '')).toBe('refused');
    expect(world.events('Credential Revoked').map(({ detail }) => detail.data)).toMatchObject([
      { versionId: first?.id, proof: { kind: 'refused-by-registry' }, reversible: false },
    ]);
    expect(world.vendor.credentials()[0]).toMatchObject({
      id: first?.credential?.id,
      state: 'deleted',
    });
    await world.holds();
  });

  test('the current credential is accepted for a year, and one is left', async () => {
    const world = await opened();
    await world.live(365 * DAY);
    const count = world.events('Credential Rotated').length;
    expect(count).toBeGreaterThanOrEqual(13);
    expect(world.enabled().length).toBeLessThanOrEqual(2);
    expect(world.events('Credential Revoked').length).toBeGreaterThanOrEqual(count - 2);
    expect(world.events('Revocation Failed')).toEqual([]);
    await world.holds();
  });

  test('a rollback makes the previous credential current again', async () => {
    const world = await opened();
    await rotated(world);
    await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
    await world.run();
    expect((await world.ledger()).current?.credential?.reason).toBe('never-issued');
    await world.live(2 * DAY);
    expect(world.enabled()).toHaveLength(1);
    await world.holds();
  });

  test('a compromise revokes every other live credential at once', async () => {
    const world = await opened();
    await rotated(world);
    await world.clock.sleep(16 * MINUTE);
    await request(world.worker().store, world.clock, 'Credential Compromised', world.target);
    await world.run();
    expect(world.enabled()).toHaveLength(1);
    expect(world.events('Credential Revoked')).toHaveLength(2);
    await world.holds();
  });

  test.each(['fields', 'dockerconfigjson'] as const)(
    'a credential is revoked from its value in a secret of the format %s',
    async (format) => {
      const world = await opened({ format });
      behaviourOf(world).oldForm = true;
      await rotated(world);
      await world.live(2 * DAY);
      expect(world.vendor.credentials().map(({ state }) => state)).toEqual(['deleted', 'enabled']);
    },
  );

  test('a credential that expired before it was revoked is announced as expired', async () => {
    const world = await opened();
    await rotated(world);
    await world.clock.sleep(60 * DAY);
    await world.run();
    // the previous credential, and the current one, which has expired too
    expect(world.events('Credential Expired')).toHaveLength(2);
    expect(world.events('Revocation Failed')).toEqual([]);
    await world.live(2 * DAY);
    await world.holds();
  });
});

describe('digitalocean: calls of the vendor', () => {
  test('a rotation takes four calls, a revocation six, a repeated one seven', async () => {
    const world = await opened();
    await issued(world);
    await rotateNow(world);
    const counted = async (work: () => Promise<unknown>) => {
      const before = world.vendor.requests.length;
      await work();
      return world.vendor.requests
        .slice(before)
        .map((line) => line.replace('/v2/registries/simulated', ''));
    };
    const refused = ['GET /v2/', 'GET /v2/registry/auth'];
    const accepted = [...refused, 'GET /v2/registry/auth'];
    const proof = [...refused, ...accepted];
    expect(await counted(() => world.run())).toEqual(['GET /docker-credentials', ...accepted]);
    await world.clock.sleep(DAY + MINUTE);
    world.aws.faults.next('events.PutEvents', { error: 'InternalException', status: 500 });
    expect(await counted(() => world.run().catch(() => {}))).toEqual([
      'POST /v1/oauth/revoke',
      ...proof,
    ]);
    await world.clock.sleep(6 * MINUTE);
    expect(await counted(() => world.run())).toEqual([
      'POST /v1/oauth/revoke',
      'GET /v2/account',
      ...proof,
    ]);
    expect(world.events('Credential Revoked')).toHaveLength(1);
  });

  test('a call whose answer is lost is not repeated, and its token expires', async () => {
    const world = await opened();
    await issued(world);
    await rotateNow(world);
    world.vendor.faults.next(mint, { cut: 'after' });
    const { steps } = await world.run();
    expect(steps.at(-1)?.error?.code).toBe('unreachable');
    expect(world.vendor.requests.filter((line) => mint.test(line))).toHaveLength(2);
    expect(await lost(world)).toHaveLength(1);
    await world.live(2 * DAY);
    expect((await world.ledger()).current?.credential?.reason).toBe('requested');
    expect(await lost(world)).toHaveLength(1);
    await expectLostToExpire(world, 'the lost token expires');
  });

  test('a worker waits until the hourly limit of the vendor eases', async () => {
    const world = await opened();
    await issued(world);
    await rotateNow(world);
    behaviourOf(world).throttled = 'hour';
    const engine = world.worker();
    const { steps } = await world.run(engine);
    const { retryAfter = 0 } = steps.at(-1)?.error ?? {};
    expect(retryAfter).toBeGreaterThanOrEqual(HOUR / 2);
    expect(retryAfter).toBeLessThan(HOUR / 2 + MINUTE);
    expect(world.events('Rotation Failed')).toEqual([]);
    const calls = world.vendor.requests.length;
    await world.run(engine);
    expect(world.vendor.requests).toHaveLength(calls);
    behaviourOf(world).throttled = 'never';
    await world.clock.sleep(retryAfter);
    await world.run(engine);
    expect(world.events('Credential Rotated')).toHaveLength(2);
  });
});

describe('digitalocean: what goes wrong at a revocation', () => {
  test('a token that still opens the account is not reported dead, but revoked later', async () => {
    const world = await opened();
    await rotated(world);
    await world.clock.sleep(DAY + MINUTE);
    world.vendor.faults.next(revocation, { status: 401 });
    const { steps } = await world.run();
    expect(steps.at(-1)?.error?.code).toBe('still-accepted');
    expect(world.events('Credential Revoked')).toEqual([]);
    expect(world.enabled()).toHaveLength(2);
    await world.live(DAY);
    expect(world.events('Credential Revoked')).toHaveLength(1);
    await world.holds();
  });

  test('an admin token that has lost its rights keeps no credential alive', async () => {
    const world = await opened();
    await rotated(world);
    behaviourOf(world).scopes = [];
    await world.live(2 * DAY);
    expect(world.enabled()).toHaveLength(1);
    await world.holds();
  });

  test('the loser of a race revokes the token that it made', async () => {
    const world = await opened();
    await issued(world);
    await rotateNow(world);
    await Promise.allSettled(Array.from({ length: 4 }, () => world.run()));
    await world.holdsAtAnyTime();
    await world.live(2 * DAY);
    expect(await lost(world)).toEqual([]);
    expect(world.enabled()).toHaveLength(1);
    await world.holds();
  });
});

describe('digitalocean: a worker that dies', () => {
  test.each([
    ['the first issue', async () => {}, 0],
    [
      'a rotation',
      async (world: World) => {
        await issued(world);
        await rotateNow(world);
      },
      1,
    ],
    [
      'a revocation',
      async (world: World) => {
        await rotated(world);
        await world.clock.sleep(DAY + MINUTE);
      },
      1,
    ],
  ] as const)(
    'a worker that dies before or after any effect of %s loses only what expires',
    async (name, before, revoked) => {
      let mostLost = 0;
      for (const moment of ['before', 'after'] as const) {
        for (const effect of everyEffect()) {
          const where = `${moment} effect ${effect} of ${name}`;
          const world = await createWorld('digitalocean');
          try {
            await before(world);
            await world.crash(effect, moment);
            await expect(world.holdsAtAnyTime(), where).resolves.toBeUndefined();
            await world.live(4 * DAY);
            await expect(world.holdsAtAnyTime(), where).resolves.toBeUndefined();
            const orphans = await lost(world);
            expect(orphans.length, where).toBeLessThanOrEqual(1);
            mostLost = Math.max(mostLost, orphans.length);
            expect(world.enabled(), where).toHaveLength(1 + orphans.length);
            expect(
              new Set(world.events('Credential Revoked').map(({ detail }) => detail.metadata.id))
                .size,
              where,
            ).toBe(revoked);
            await expectLostToExpire(world, where);
          } finally {
            await world.close();
          }
        }
      }
      expect(mostLost, 'a crash between the token and its secret loses one').toBe(
        name === 'a revocation' ? 0 : 1,
      );
    },
  );
});

test('digitalocean: no token or e-mail address is in an event, error, URL or log', async () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const world = await opened();
  const seen: unknown[] = [];
  const watch = async () => {
    const engine = { ...world.worker(), observe: (step: unknown) => void seen.push(step) };
    await world.run(engine).then(
      (outcome) => seen.push(outcome),
      (error: unknown) => seen.push(error),
    );
  };
  await watch();
  const echo = `{"auths":{"${EMAIL}":{"auth":"CANARY-7d2f"}},"message":"CANARY-7d2f"}`;
  for (const [pattern, fault] of [
    [mint, { status: 200, body: echo }],
    [mint, { status: 500, body: echo, carriedOut: true }],
    [mint, { cut: 'after' }],
    [mint, { truncate: true }],
    [revocation, { status: 401, body: echo }],
    [revocation, { status: 403, body: echo }],
  ] as const) {
    await world.clock.sleep(2 * DAY);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    world.vendor.faults.next(pattern, fault);
    await watch();
    await world.clock.sleep(HOUR);
    await watch();
  }
  behaviourOf(world).oldForm = true;
  await rotateNow(world);
  await watch();
  await world.live(3 * DAY);
  const secrets = [
    EMAIL,
    'CANARY-7d2f',
    ...Object.values(JSON.parse(world.vendor.admin) as Record<string, string>),
  ];
  for (const version of await world.versionIds()) {
    const value = await world.worker().store.read(world.target.secret, version);
    const login = value && parseValue(value);
    if (login)
      secrets.push(
        login.password.reveal(),
        Buffer.from(`${login.username}:${login.password.reveal()}`).toString('base64'),
      );
  }
  expect(secrets.length).toBeGreaterThan(10);
  const shown = (thing: unknown) =>
    inspect(thing, { depth: 30, showHidden: true, maxArrayLength: null, maxStringLength: null });
  const places = {
    'the screen': written.join('\n'),
    'steps, outcomes and errors': shown(seen),
    events: shown(world.published),
    'labels and names': shown(await world.worker().store.describe(world.target.secret)),
    'recorded AWS calls': shown(world.aws.calls.all()),
    URLs: world.vendor.requests.join('\n'),
  };
  expect(places['steps, outcomes and errors']).toContain('RekeyError');
  for (const [place, text] of Object.entries(places))
    for (const secret of secrets) expect(text.includes(secret), `a secret in ${place}`).toBe(false);
});
