import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../lib/core/fleet/index.ts';
import { formatValue, parseValue } from '../../lib/core/ledger/value.ts';
import type { Http } from '../../lib/core/ports.ts';
import { HOUR, MINUTE } from '../../lib/core/time.ts';
import { labelled, openWorld, testProvider } from '../../lib/kit/testing/index.ts';
import { quayOauthToken } from '../../lib/providers/quay-oauth-token.ts';
import { createSimulatedQuayOauthToken } from '../../lib/sandbox/vendors/quay/index.ts';

const subject = {
  provider: quayOauthToken,
  vendor: createSimulatedQuayOauthToken,
  create: /^GET \/v2\/auth$/,
  list: /^no list$/,
  remove: /^no revocation$/,
  admin: (password: unknown) => ({ username: 'acme_corp+ci', password }),
  sharedUsername: true,
};
const open = () => openWorld(subject);

testProvider('quay-oauth-token', subject);

describe('quay-oauth-token: a token', () => {
  test('quay-oauth-token issues for one repository, with an id that reveals nothing', async () => {
    const world = await open();
    const { id, username, password, bearer } = await world.issue();
    expect({ username, bearer }).toEqual({
      username: 'acme_corp+ci',
      bearer: { repository: 'acme_corp/app' },
    });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const claims = JSON.parse(
      Buffer.from(password.reveal().split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toMatchObject({
      aud: 'quay.io',
      access: [{ type: 'repository', name: 'acme_corp/app', actions: ['pull'] }],
    });
  });

  test('quay-oauth-token issues with two calls a token that lists tags and referrers', async () => {
    const world = await open();
    const { registry, password } = await world.issue();
    expect(world.vendor.requests).toEqual(['GET /v2/', 'GET /v2/auth']);
    const headers = { authorization: `Bearer ${password.reveal()}` };
    for (const path of ['tags/list', 'referrers/sha256:00']) {
      expect((await fetch(`http://${registry}/v2/acme_corp/app/${path}`, { headers })).status).toBe(
        200,
      );
      expect(
        (await fetch(`http://${registry}/v2/acme_corp/worker/${path}`, { headers })).status,
      ).toBe(401);
    }
  });

  test('quay-oauth-token: a token outlives its robot, which gets no new one', async () => {
    const world = await open();
    const credential = await world.issue();
    const call = world.call();
    const entry = world.vendor.model.ledger.find('ci');
    if (entry) world.vendor.model.remove(entry);
    await expect(quayOauthToken.issue(call, { label: labelled() })).rejects.toMatchObject({
      code: 'admin-refused',
    });
    world.clock.advance(HOUR - MINUTE);
    expect(await world.verdict(credential)).toBe('accepted');
    world.clock.advance(MINUTE);
    expect(await world.verdict(credential)).toBe('refused');
  });

  test('quay-oauth-token: a token may work half a minute past its expiry', async () => {
    const world = await open();
    world.vendor.behaviour.leeway = 30;
    const credential = await world.issue();
    world.clock.advance(HOUR + MINUTE / 3);
    expect(await world.verdict(credential)).toBe('accepted');
    world.clock.advance(MINUTE / 3);
    expect(await world.verdict(credential)).toBe('refused');
  });

  test('quay-oauth-token reports rights that Quay leaves out of a token', async () => {
    const world = await open();
    const issue = (repository: string, actions: readonly string[]) =>
      quayOauthToken.issue(world.call({ params: { repository, actions } }), { label: labelled() });
    await expect(issue('acme_corp/secret', ['pull'])).rejects.toMatchObject({
      code: 'lacks-rights',
      message: expect.stringContaining('may not pull'),
    });
    await expect(issue('acme_corp/worker', ['pull', 'push'])).rejects.toMatchObject({
      code: 'lacks-rights',
      message: expect.stringContaining('may not push'),
    });
    await issue('acme_corp/app', ['push', 'pull']);
  });

  test('quay-oauth-token creates no repository when it requests to push', async () => {
    const world = await open();
    const call = world.call({ params: { repository: 'acme_corp/new', actions: ['pull', 'push'] } });
    await expect(quayOauthToken.issue(call, { label: labelled() })).rejects.toMatchObject({
      code: 'lacks-rights',
    });
    await expect(quayOauthToken.check(call)).rejects.toMatchObject({ code: 'lacks-rights' });
    expect(world.vendor.model.repository('new')).toBeUndefined();
  });

  test('quay-oauth-token checks as it issues', async () => {
    const world = await open();
    await quayOauthToken.check(world.call());
    expect(world.vendor.requests).toEqual(['GET /v2/', 'GET /v2/auth']);
  });
});

describe('quay-oauth-token: what is no token', () => {
  const answered = async (
    body: unknown,
    challenge = 'Bearer realm="https://quay.io/v2/auth",service="quay.io"',
  ) => {
    const send: Http['send'] = async ({ url }) => {
      const headers = { 'www-authenticate': challenge };
      if (url.endsWith('/v2/'))
        return { status: 401, headers, body: 'true', retryAfter: undefined };
      return { status: 200, headers: {}, body: JSON.stringify(body), retryAfter: undefined };
    };
    const world = await open();
    return quayOauthToken.issue({ ...world.call(), http: { send } }, { label: labelled() });
  };
  const jwt = (claims: unknown) => ({
    token: `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.CANARY`,
  });
  const good = {
    exp: 1_900_000_000,
    sub: 'acme_corp+ci',
    access: [{ name: 'acme_corp/app', actions: ['pull'] }],
  };

  test('quay-oauth-token accepts additional claims', async () => {
    expect(await answered(jwt({ ...good, other: 1 }))).toMatchObject({
      expiresAt: new Date(1_900_000_000_000),
    });
  });

  test.each([
    ['a token without claims', { token: 'opaque' }],
    ['claims that are no JSON', { token: 'a.b.CANARY' }],
    ['no end', jwt({ ...good, exp: undefined })],
    ['an end that is no time', jwt({ ...good, exp: 9e15 })],
    ['no access', jwt({ ...good, access: undefined })],
    ['a token that is not fit for a header', { token: 'a.b.c\r\nx: y' }],
  ])('quay-oauth-token refuses an answer with %s', async (_what, body) => {
    await expect(answered(body)).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.not.stringContaining('CANARY'),
    });
  });

  test.each(['', 'Basic realm="x"', 'Bearer realm="https://quay.io/v2/auth"'])(
    'quay-oauth-token fails on the challenge %j',
    async (challenge) => {
      await expect(answered(jwt(good), challenge)).rejects.toMatchObject({ code: 'bad-answer' });
    },
  );

  test('quay-oauth-token fails on a host that is not a registry', async () => {
    const world = await open();
    world.vendor.faults.next(/^GET \/v2\/$/, { status: 404 });
    await expect(world.issue()).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('endpoint'),
    });
  });
});

describe('quay-oauth-token: who fetches it', () => {
  test('quay-oauth-token takes the secret of a robot that rekey rotates', async () => {
    const world = await open();
    const login = { ...(await world.issue()), bearer: undefined };
    const admin: unknown = JSON.parse(formatValue(login, 'fields').reveal());
    expect(quayOauthToken.admin.parse(admin)).toMatchObject({ username: login.username });
  });

  test.each([
    ['a token alone', { token: 'a' }],
    ['a username with a colon', { username: 'a:b', password: 'c' }],
    ['no password', { username: 'a' }],
  ])('quay-oauth-token refuses an admin secret with %s', (_what, admin) => {
    expect(quayOauthToken.admin.safeParse(admin).success).toBe(false);
  });
});

describe('quay-oauth-token: in a fleet file', () => {
  const issues = (change: object) => {
    const target = {
      name: 'referrers',
      provider: 'quay-oauth-token',
      admin: 'rekey/admin/quay',
      params: { repository: 'acme/app' },
      interval: '30m',
      grace: '15m',
      ...change,
    };
    return parseFleet({ fleet: 'acme', targets: [target] }, { 'quay-oauth-token': quayOauthToken })
      .issues;
  };

  test('quay-oauth-token accepts an interval of 30 minutes with a grace of 15', () => {
    expect(issues({})).toEqual([]);
  });

  test.each([
    ['a day', { interval: '1d' }, 'interval'],
    ['an hour and a grace', { interval: '1h', grace: '15m' }, 'interval'],
    ['dockerconfigjson', { format: 'dockerconfigjson' }, 'format'],
    [
      'a token that cannot pull',
      { params: { repository: 'acme/app', actions: ['push'] } },
      'actions',
    ],
    ['an unknown action', { params: { repository: 'acme/app', actions: ['pull', '*'] } }, 1],
    ['no namespace', { params: { repository: 'app' } }, 'repository'],
    ['a host in the repository', { params: { repository: 'quay.io:443/acme/app' } }, 'repository'],
    [
      'an endpoint with a path',
      { params: { repository: 'acme/app', endpoint: 'https://quay.io/v2' } },
      'endpoint',
    ],
  ])('quay-oauth-token refuses a fleet file with %s', (_what, change, key) => {
    const found = issues(change);
    expect(found.map(({ path }) => path.at(-1))).toEqual([key]);
  });
});

test('a bearer token is written as separate fields, and read again', async () => {
  const world = await open();
  const credential = await world.issue();
  const value = formatValue(credential, 'fields');
  const fields = JSON.parse(value.reveal()) as Record<string, string>;
  expect(fields).toEqual({
    token: credential.password.reveal(),
    registry: credential.registry,
    repository: 'acme_corp/app',
    username: 'acme_corp+ci',
    authorization: `Bearer ${credential.password.reveal()}`,
  });
  const { username, registry, bearer } = credential;
  expect(parseValue(value)).toMatchObject({ username, registry, bearer });
  expect(parseValue(value)?.password.reveal()).toBe(credential.password.reveal());
});
