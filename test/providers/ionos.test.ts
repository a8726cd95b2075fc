import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { basicAuth } from '../../lib/core/login.ts';
import type { Http, HttpRequest } from '../../lib/core/ports.ts';
import { DAY, HOUR, MINUTE, plus } from '../../lib/core/time.ts';
import { labelled, openWorld, prefix, testProvider } from '../../lib/kit/testing/index.ts';
import { ionos } from '../../lib/providers/ionos.ts';
import { createSimulatedIonos } from '../../lib/sandbox/vendors/ionos/index.ts';

const subject = {
  provider: ionos,
  vendor: createSimulatedIonos,
  create: /^POST .*\/tokens$/,
  list: /^GET .*\/tokens$/,
  remove: /^DELETE .*\/tokens\/[^/]+$/,
  update: /^PATCH .*\/tokens\/[^/]+$/,
};
const open = () => openWorld(subject);
type World = Awaited<ReturnType<typeof open>>;

testProvider('ionos', subject);

describe('ionos: the registry', () => {
  test('ionos reads the registry’s host from the API', async () => {
    const world = await open();
    expect(
      await ionos.issue({ ...world.call(), registry: 'elsewhere.test' }, { label: labelled() }),
    ).toMatchObject({
      registry: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  test('ionos issues nothing until the registry runs', async () => {
    const world = await open();
    world.vendor.behaviour.registryState = 'New';
    await expect(world.issue()).rejects.toMatchObject({ code: 'provider-failed', retryable: true });
    expect(world.count(subject.create)).toBe(0);
    world.vendor.behaviour.registryState = 'Running';
    await world.issue();
  });

  test.each(['New', 'BUSY', 'Terminating'])(
    'ionos issues nothing for a registry that is %s, even if it has a host name',
    async (state) => {
      const { http, requests } = canned(() => ({
        metadata: { state },
        properties: { hostname: 'a.cr.ionos.com' },
      }));
      const world = await open();
      await expect(
        ionos.issue({ ...world.call(), http }, { label: labelled() }),
      ).rejects.toMatchObject({
        code: 'provider-failed',
        message: expect.not.stringContaining(state),
      });
      expect(requests).toHaveLength(1);
    },
  );

  test('ionos issues nothing for a registry that cannot be read', async () => {
    const world = await open();
    world.vendor.faults.next(/^GET .*\/registries\/[^/]+$/, { status: 500 }, 9);
    await expect(world.issue()).rejects.toMatchObject({
      code: 'provider-failed',
      message: expect.stringMatching(/^ionos: read the registry: status 500: /),
    });
    expect(world.count(subject.create)).toBe(0);
  });

  test('ionos names the parameter in the error for an unknown registry', async () => {
    const world = await open();
    const call = world.call({ params: { registryId: randomUUID() } });
    await expect(ionos.issue(call, { label: labelled() })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('registryId'),
    });
  });

  test.each(['evil.test/path', 'user@evil.test', 'evil.test?x=', 'evil.test:1:2', 'ev il'])(
    'ionos refuses a registry with the host name %j',
    async (hostname) => {
      const { http } = canned(() => ({ metadata: { state: 'Running' }, properties: { hostname } }));
      const world = await open();
      await expect(
        ionos.issue({ ...world.call(), http }, { label: labelled() }),
      ).rejects.toMatchObject({ code: 'bad-answer' });
    },
  );

  test('ionos takes a registry without a state as running if it has a host name', async () => {
    const { http } = canned(({ method }) =>
      method === 'GET'
        ? { metadata: null, properties: { hostname: 'a.cr.ionos.com' } }
        : created({}),
    );
    const world = await open();
    expect((await ionos.issue({ ...world.call(), http }, { label: labelled() })).registry).toBe(
      'a.cr.ionos.com',
    );
  });
});

describe('ionos: a token', () => {
  test('ionos takes the label as the username', async () => {
    const world = await open();
    const label = labelled();
    expect((await world.issue(label)).username).toBe(label);
  });

  test('ionos also accepts status 200 when it issues a token', async () => {
    const world = await open();
    world.vendor.behaviour.createStatus = 200;
    expect(await world.verdict(await world.issue())).toBe('accepted');
  });

  test('ionos reports a conflict if the name is taken', async () => {
    const world = await open();
    const label = labelled();
    await world.issue(label);
    await expect(world.issue(label)).rejects.toMatchObject({ code: 'conflict', retryable: true });
    expect(world.alive()).toHaveLength(1);
  });

  test('ionos reports a conflict while the name of a deleted token is taken', async () => {
    const world = await open();
    world.vendor.behaviour.nameHeldFor = MINUTE;
    const label = labelled();
    await ionos.revoke(world.call(), await world.issue(label));
    await expect(world.issue(label)).rejects.toMatchObject({ code: 'conflict' });
    await world.issue();
  });

  test('ionos refuses to issue a token that expires in less than an hour', async () => {
    const world = await open();
    const soon = plus(world.clock.now(), HOUR - MINUTE);
    await expect(
      ionos.issue(world.call(), { label: labelled(), expiresAt: soon }),
    ).rejects.toMatchObject({
      code: 'rejected',
      retryable: false,
    });
  });

  test('ionos issues tokens with the rights of their scopes alone', async () => {
    const world = await open();
    const scopes = [
      { type: 'repository', name: 'team/app', actions: ['pull', 'push'] },
      { type: 'registry', name: 'team/other', actions: ['pull'] },
    ];
    const { username, password, registry } = await ionos.issue(world.call({ params: { scopes } }), {
      label: labelled(),
    });
    const authorization = basicAuth({ username, password });
    const scope = 'scope=repository:team/app:pull,push,delete&scope=repository:team/other:pull';
    const answer = await fetch(`http://${registry}/v2/auth?${scope}`, {
      headers: { authorization },
    });
    const { token } = (await answer.json()) as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      access: unknown;
    };
    expect(claims.access).toEqual([
      { type: 'repository', name: 'team/app', actions: ['pull', 'push'] },
      { type: 'repository', name: 'team/other', actions: [] },
    ]);
  });

  test.each([
    ['the requested one if IONOS returns none', {}, '2030-01-02T00:00:00Z'],
    [
      'the one that IONOS returns',
      { expiryDate: '2030-01-03T02:00:00+02:00' },
      '2030-01-03T00:00:00Z',
    ],
    ['none if IONOS returns null', { expiryDate: null }, undefined],
    ['none if IONOS returns something else', { expiryDate: 'soon' }, undefined],
  ])('ionos returns as expiry %s', async (_what, properties, expected) => {
    const { http } = canned(({ method }) =>
      method === 'GET' ? { properties: { hostname: 'a.cr.ionos.com' } } : created(properties),
    );
    const world = await open();
    const credential = await ionos.issue(
      { ...world.call(), http },
      { label: labelled(), expiresAt: plus(world.clock.now(), DAY) },
    );
    expect(credential.expiresAt).toEqual(expected && new Date(expected));
  });
});

describe('ionos: a token that IONOS answers with 404', () => {
  const works = [
    ['deleted', (call: ReturnType<World['call']>, id: string) => ionos.revoke(call, { id })],
    [
      'disabled',
      (call: ReturnType<World['call']>, id: string) => ionos.enable(call, { id }, false),
    ],
  ] as const;

  test.each(works)(
    'ionos counts an unknown token as %s if it sees the registry',
    async (_, work) => {
      const world = await open();
      await work(world.call(), randomUUID());
      expect(world.vendor.requests.at(-1)).toMatch(/^GET .*\/registries\/[^/]+$/);
    },
  );

  test.each(works)(
    'ionos does not count a token as %s if the admin has lost the registry',
    async (_, work) => {
      const world = await open();
      const { id } = await world.issue();
      const call = world.call({ params: { registryId: randomUUID() } });
      await expect(work(call, id)).rejects.toMatchObject({ code: 'not-found', retryable: false });
      expect(world.alive()).toEqual([id]);
    },
  );
});

describe('ionos: who calls', () => {
  test.each([
    ['a token', { token: 'simulated-ionos-admin-token' }],
    [
      'a user name and password',
      { username: 'admin@example.test', password: 'simulated-ionos-password' },
    ],
  ])('ionos calls IONOS with %s', async (_what, admin) => {
    const world = await open();
    expect(await ionos.find(world.call({ admin }), { prefix })).toEqual([]);
  });

  test('ionos accepts any characters in an admin password', async () => {
    const { http, requests } = canned(() => ({ items: null, total: 0 }));
    const world = await open();
    await ionos.find(
      { ...world.call({ admin: { username: 'jörg', password: 'a:b ü\n' } }), http },
      { prefix },
    );
    expect(
      Buffer.from(
        requests[0]?.headers?.authorization?.slice('Basic '.length) ?? '',
        'base64',
      ).toString(),
    ).toBe('jörg:a:b ü\n');
  });

  test.each([
    ['both at once', { token: 'a', username: 'b', password: 'c' }],
    ['a user name alone', { username: 'a' }],
    ['a user name with a colon', { username: 'a:b', password: 'c' }],
    ['an empty password', { username: 'a', password: '' }],
  ])('ionos refuses an admin secret with %s', (_what, admin) => {
    expect(ionos.admin.safeParse(admin).success).toBe(false);
  });

  test('ionos sends the contract number in every call', async () => {
    const world = await open();
    const good = world.call({ params: { contractNumber: '31720930' } });
    await ionos.revoke(good, await ionos.issue(good, { label: labelled() }));
    expect(await ionos.find(good, { prefix })).toEqual([]);
    const wrong = world.call({ params: { contractNumber: '1' } });
    for (const work of [
      ionos.issue(wrong, { label: labelled() }),
      ionos.find(wrong, { prefix }),
      ionos.revoke(wrong, { id: randomUUID() }),
    ]) {
      await expect(work).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('contractNumber'),
      });
    }
  });

  test('ionos reports an admin without the right to manage registries', async () => {
    const world = await open();
    world.vendor.behaviour.privileged = false;
    await expect(world.issue()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('accessAndManageRegistries'),
    });
  });
});

describe('ionos: the list of tokens', () => {
  const find = async (pages: (offset: number) => unknown) => {
    const world = await open();
    const { http, requests } = canned(({ url }) =>
      pages(Number(new URL(url).searchParams.get('offset'))),
    );
    return { found: await ionos.find({ ...world.call(), http }, { prefix }), requests };
  };
  const token = (number: number, properties: object | null = { name: `${prefix}${number}` }) => ({
    id: `id-${number}`,
    properties,
  });

  test('ionos reads every page of the list', async () => {
    const { found, requests } = await find((offset) => ({
      items: [token(offset), token(offset + 1)],
      total: 6,
      count: 2,
    }));
    expect(found).toHaveLength(6);
    expect(requests).toHaveLength(3);
  });

  test('ionos returns a token once, even if the list changes between two pages', async () => {
    const { found } = await find((offset) =>
      offset === 0
        ? { items: [token(1), token(2)], total: 4 }
        : { items: [token(2), token(3)], total: 4 },
    );
    expect(found.map(({ id }) => id)).toEqual(['id-1', 'id-2', 'id-3']);
  });

  test('ionos leaves out disabled tokens and those without properties', async () => {
    expect((await find(() => ({ items: null, total: 0 }))).found).toEqual([]);
    expect((await find(() => ({ total: 0 }))).found).toEqual([]);
    const items = [token(1, null), token(2, { name: `${prefix}2`, status: 'disabled' }), token(3)];
    expect((await find(() => ({ items, total: 3 }))).found).toEqual([
      { id: 'id-3', label: `${prefix}3` },
    ]);
  });

  test.each([
    ['brings the same page again', () => ({ items: [token(1)], total: 99 })],
    [
      'brings an empty page before its end',
      (offset: number) => ({ items: offset === 0 ? [token(1)] : null, total: 99 }),
    ],
  ])('ionos refuses a list that %s', async (_what, pages) => {
    await expect(find(pages)).rejects.toMatchObject({ code: 'bad-answer', retryable: true });
  });

  test('ionos gives up on a list without an end', async () => {
    const world = await open();
    const { http, requests } = canned(() => ({ items: [token(requests.length)], total: 1e9 }));
    await expect(ionos.find({ ...world.call(), http }, { prefix })).rejects.toMatchObject({
      code: 'bad-answer',
    });
    expect(requests.length).toBeLessThan(1000);
  });

  test.each(['../../x', '', 'a/b'])('ionos refuses a list with the id %j', async (id) => {
    await expect(find(() => ({ items: [{ ...token(1), id }], total: 1 }))).rejects.toMatchObject({
      code: 'bad-answer',
    });
  });
});

test('ionos makes three calls to the API for a rotation, and three to a new registry', async () => {
  const world = await open();
  await ionos.find(world.call(), { prefix });
  await world.verdict(await world.issue());
  expect(world.vendor.requests.map((line) => line.replace(/[0-9a-f-]{36}/, 'ID'))).toEqual([
    'GET /containerregistries/registries/ID/tokens',
    'GET /containerregistries/registries/ID',
    'POST /containerregistries/registries/ID/tokens',
    'GET /v2/',
    'GET /v2/auth',
    'GET /v2/auth',
  ]);
});

test.each([
  ['no scopes', { scopes: [] }],
  ['an unknown action', { scopes: [{ type: 'repository', name: '*', actions: ['read'] }] }],
  ['an unknown type', { scopes: [{ type: 'repo', name: '*', actions: ['pull'] }] }],
  ['a scope without a name', { scopes: [{ type: 'repository', name: '', actions: ['pull'] }] }],
  ['a scope without actions', { scopes: [{ type: 'repository', name: '*', actions: [] }] }],
  [
    'a misspelled key in a scope',
    { scopes: [{ type: 'repository', name: '*', actions: ['pull'], action: 'pull' }] },
  ],
  ['a contract number that is a number', { contractNumber: 31720930 }],
  ['a contract number with a line break', { contractNumber: '1\r\nx: y' }],
  ['a registry that is no UUID', { registryId: 'my-registry' }],
])('ionos refuses parameters with %s', (_what, change) => {
  const { params } = createSimulatedIonos({
    clock: { now: () => new Date(), sleep: async () => {} },
  });
  expect(ionos.params.safeParse({ ...params, ...change }).success).toBe(false);
});

const created = (properties: object) => ({
  id: randomUUID(),
  properties: { credentials: { username: 'a', password: 'b' }, ...properties },
});

/** An Http that answers 200 with this JSON. */
function canned(answer: (request: HttpRequest) => unknown): {
  http: Http;
  requests: HttpRequest[];
} {
  const requests: HttpRequest[] = [];
  const send: Http['send'] = async (request) => {
    requests.push(request);
    return {
      status: 200,
      headers: {},
      body: JSON.stringify(answer(request)),
      retryAfter: undefined,
    };
  };
  return { http: { send }, requests };
}
