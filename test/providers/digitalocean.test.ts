import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Http, HttpAnswer, HttpRequest } from '../../lib/core/ports.ts';
import { Secret } from '../../lib/core/secret.ts';
import { DAY, HOUR, plus, SECOND } from '../../lib/core/time.ts';
import { digitalocean } from '../../lib/providers/digitalocean.ts';
import { createSimulatedDigitalocean } from '../../lib/sandbox/vendors/digitalocean/index.ts';
import { labelled, openWorld, testProvider } from '../support/provider.ts';

const EMAIL = 'owner@simulated-account.test';

const subject = {
  provider: digitalocean,
  vendor: createSimulatedDigitalocean,
  create: /^GET .*\/docker-credentials$/,
  list: /^$/,
  remove: /^POST \/v1\/oauth\/revoke$/,
  sharedUsername: true,
  endsItself: true,
  revocationCodes: { '401': 'still-accepted', 'a page of HTML with status 200': 'still-accepted' },
} as const;
const account = /^GET \/v2\/account$/;
const open = () => openWorld(subject);

testProvider('digitalocean', subject);

describe('digitalocean: a credential', () => {
  test('always gets an expiry, in whole seconds and never later than asked for', async () => {
    const world = await open();
    const { http, requests } = canned(() =>
      config({ 'registry.digitalocean.com': `${EMAIL}:dop_v1_a` }),
    );
    const expiresAt = plus(world.clock.now(), HOUR + 999);
    const credential = await digitalocean.issue(
      { ...world.call(), http },
      { label: labelled(), expiresAt },
    );
    expect(credential.expiresAt).toEqual(plus(world.clock.now(), HOUR));
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([
      '?expiry_seconds=3600&read_write=false',
    ]);
  });

  test.each([
    ['no expiry', undefined],
    ['an expiry that has passed', -DAY],
    ['an expiry now', 0],
    ['less than a second to live, which would round to 0 and mean never', SECOND - 1],
    ['an expiry that is no time', Number.NaN],
  ])('with %s is not asked for', async (_what, left) => {
    const world = await open();
    const expiresAt = left === undefined ? undefined : plus(world.clock.now(), left);
    await expect(
      digitalocean.issue(world.call(), { label: labelled(), expiresAt }),
    ).rejects.toMatchObject({
      code: 'rejected',
      retryable: false,
      message: expect.stringContaining('expiry'),
    });
    expect(world.vendor.requests).toEqual([]);
  });

  test('has an id that tells nothing of its token and stays the same for it', async () => {
    const world = await open();
    const issue = async (pair: string) => {
      const { http } = canned(() => config({ 'registry.digitalocean.com': pair }));
      return digitalocean.issue({ ...world.call(), http }, world.order());
    };
    const { id, password } = await issue(`${EMAIL}:dop_v1_abcdef`);
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(password.reveal()).not.toContain(id);
    expect((await issue('dop_v1_abcdef:dop_v1_abcdef\n')).id).toBe(id);
    expect((await issue(`${EMAIL}:dop_v1_abcdeg`)).id).not.toBe(id);
  });

  test('shows neither token nor e-mail address in its id, and no token when it is looked at', async () => {
    const world = await open();
    const credential = await world.issue();
    expect(credential.username).toBe(EMAIL);
    expect(credential.id).not.toContain('owner');
    expect(inspect(credential, { depth: 9 })).not.toContain('dop_v1_');
  });

  test('of the old form, with the token for a username and a line break, is read and revoked', async () => {
    const world = await open();
    world.vendor.behaviour.oldForm = true;
    const credential = await world.issue();
    expect(credential.password.reveal()).toMatch(/^dop_v1_[0-9a-f]{64}$/);
    expect(credential.username).toBe(credential.password.reveal());
    expect(await world.verdict(credential)).toBe('accepted');
    await digitalocean.revoke(world.call(), credential);
    expect(world.alive()).toEqual([]);
  });

  test.each([
    ['reads alone', false, ['pull']],
    ['writes where that is wanted', true, ['pull', 'push', 'delete']],
  ])('%s', async (_what, readWrite, actions) => {
    const world = await open();
    const { username, password, registry } = await digitalocean.issue(
      world.call({ params: { readWrite } }),
      world.order(),
    );
    const authorization = `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;
    const url = `http://${registry}/v2/registry/auth?scope=repository:simulated/app:pull,push,delete`;
    const { token } = (await (await fetch(url, { headers: { authorization } })).json()) as {
      token: string;
    };
    expect(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
    ).toMatchObject({ access: [{ actions }] });
  });

  test('is issued through the deprecated API as well', async () => {
    const world = await open();
    const credential = await digitalocean.issue(
      world.call({ params: { api: 'registry' } }),
      world.order(),
    );
    expect(await world.verdict(credential)).toBe('accepted');
    expect(world.vendor.requests[0]).toBe('GET /v2/registry/docker-credentials');
  });
});

describe('digitalocean: the Docker configuration', () => {
  const issue = async (body: unknown) => {
    const world = await open();
    const { http } = canned(() => body);
    return digitalocean.issue({ ...world.call(), http }, world.order());
  };

  test('names the registry’s host, whatever that is', async () => {
    expect(await issue(config({ 'other.example.test': 'a:b' }))).toMatchObject({
      registry: 'other.example.test',
    });
  });

  test('with several hosts is read for the usual one', async () => {
    const several = config({
      'a.test': 'a:1',
      'registry.digitalocean.com': 'b:2',
      'c.test': 'c:3',
    });
    expect(await issue(several)).toMatchObject({
      registry: 'registry.digitalocean.com',
      username: 'b',
    });
  });

  test('may hold a username with a colon: the token is behind the last', async () => {
    const { username, password } = await issue(config({ 'a.test': 'a:b:c' }));
    expect([username, password.reveal()]).toEqual(['a:b', 'c']);
  });

  test.each([
    ['no host', { auths: {} }],
    [
      'several hosts, none of them the usual one',
      config({ 'a.test': 'a:CANARY', 'b.test': 'a:CANARY' }),
    ],
    ['a host that is a path', config({ 'CANARY.test/x': 'a:CANARY' })],
    ['a host with somebody before it', config({ 'CANARY@a.test': 'a:CANARY' })],
    ['a login that is a number', { auths: { CANARY: { auth: 7 } } }],
    ['a login that is null', { auths: { CANARY: null } }],
    ['an empty login', config({ CANARY: '' })],
    ['no colon in the login', config({ CANARY: 'CANARY' })],
    ['no username', config({ CANARY: ':CANARY' })],
    ['no token', config({ CANARY: 'CANARY:' })],
    ['a token with a line break inside', config({ CANARY: 'a:CANARY\r\nx' })],
    ['a username with a line break inside', config({ CANARY: 'CANARY\nx:b' })],
    ['a token that no header can hold', config({ CANARY: 'a:CANARY ü' })],
    ['a list', { auths: ['CANARY'] }],
  ])('with %s is no answer, and nothing of it is shown', async (_what, body) => {
    await expect(issue(body)).rejects.toMatchObject({
      code: 'bad-answer',
      retryable: true,
      message: expect.not.stringContaining('CANARY'),
    });
  });
});

describe('digitalocean: revoking', () => {
  const HOST = 'https://cloud.digitalocean.com';

  test('is done by the token itself, at the host of the control panel', async () => {
    const world = await open();
    const { http, requests } = canned(() => ({}));
    const call = { ...world.call(), endpoint: digitalocean.endpoint, http };
    await digitalocean.revoke(call, { id: 'x', password: new Secret('dop_v1_a+b') });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: `${HOST}/v1/oauth/revoke`,
        body: 'token=dop_v1_a%2Bb',
        headers: {
          authorization: 'Bearer dop_v1_a+b',
          'content-type': 'application/x-www-form-urlencoded',
        },
      },
    ]);
  });

  test('follows the endpoint where that is another', async () => {
    const world = await open();
    const { http, requests } = canned(() => ({}));
    await digitalocean.revoke({ ...world.call(), http }, { id: 'x', password: new Secret('a') });
    expect(requests.map(({ url }) => url)).toEqual([`${world.call().endpoint}/v1/oauth/revoke`]);
  });

  test.each([200, 400, 401, 403, 404] as const)(
    'twice is as good as once when DigitalOcean says %s',
    async (revokedAgain) => {
      const world = await open();
      world.vendor.behaviour.revokedAgain = revokedAgain;
      const credential = await world.issue();
      await digitalocean.revoke(world.call(), credential);
      expect(world.count(account)).toBe(0);
      await digitalocean.revoke(world.call(), credential);
      expect(world.count(account)).toBe(revokedAgain === 200 ? 0 : 1);
    },
  );

  test('what has expired is success', async () => {
    const world = await open();
    const credential = await world.issue();
    world.clock.advance(31 * DAY);
    await digitalocean.revoke(world.call(), credential);
  });

  test.each([
    ['401 while the token opens the account', 401, true, 'still-accepted'],
    ['401 while the token may not see the account', 401, false, 'still-accepted'],
    ['202', 202, true, 'still-accepted'],
    ['204', 204, false, 'still-accepted'],
    ['403', 403, true, 'forbidden'],
    ['404', 404, true, 'not-found'],
  ])('answered by %s is a failure', async (_what, status, seesAccount, code) => {
    const world = await open();
    const credential = await world.issue();
    world.vendor.behaviour.seesAccount = seesAccount;
    world.vendor.faults.next(subject.remove, { status });
    await expect(digitalocean.revoke(world.call(), credential)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`digitalocean: revoke the credential: status ${status}`),
    });
    expect(world.alive()).toEqual([credential.id]);
  });

  test.each([
    ['500', { status: 500 }, 'provider-failed'],
    ['429', { status: 429 }, 'throttled'],
    ['no answer', { cut: 'before' }, 'unreachable'],
  ] as const)('is unknown while the account answers with %s', async (_what, fault, code) => {
    const world = await open();
    const credential = await world.issue();
    await digitalocean.revoke(world.call(), credential);
    world.vendor.faults.next(account, fault, 9);
    await expect(digitalocean.revoke(world.call(), credential)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^digitalocean: prove the revocation: /),
    });
  });
});

describe('digitalocean: limits on the rate of calls', () => {
  test.each([
    ['a burst is waited for as Retry-After says', 'burst', 29 * SECOND],
    ['the hourly limit is waited for until it eases', 'hour', HOUR / 2],
  ] as const)('%s', async (_what, throttled, retryAfter) => {
    const world = await open();
    const credential = await world.issue();
    world.vendor.behaviour.throttled = throttled;
    for (const work of [
      world.issue(),
      digitalocean.check(world.call()),
      digitalocean.revoke(world.call(), credential),
    ])
      await expect(work).rejects.toMatchObject({ code: 'throttled', retryAfter });
    world.vendor.behaviour.throttled = 'never';
    expect(world.alive()).toEqual([credential.id]);
  });

  const at = (seconds: number) => ({
    'ratelimit-reset': String(Date.parse('2030-01-01T00:00:00Z') / 1000 + seconds),
  });
  test.each([
    ['a time to come', at(90), 90 * SECOND],
    ['a time that has passed', at(-90), 0],
    ['no time', { 'ratelimit-reset': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('that end at %s', async (_what, headers, retryAfter) => {
    const world = await open();
    const { http } = canned(() => ({ id: 'too_many_requests' }), { status: 429, headers });
    await expect(
      digitalocean.issue({ ...world.call(), http }, world.order()),
    ).rejects.toMatchObject({
      code: 'throttled',
      retryAfter,
    });
  });
});

describe('digitalocean: the check', () => {
  test.each(['registries', 'registry'])(
    'finds nothing wrong where all is well (api: %s)',
    async (api) => {
      const world = await open();
      await digitalocean.check(world.call({ params: { api } }));
      expect(world.vendor.requests).toEqual([
        api === 'registry' ? 'GET /v2/registry' : 'GET /v2/registries/simulated',
      ]);
      expect(world.alive()).toEqual([]);
    },
  );

  test.each([
    ['a token that is not valid', { admin: { token: 'wrong' } }, 'admin-refused', 'admin secret'],
    [
      'a registry that is not there',
      { params: { registry: 'other' } },
      'not-found',
      'registry in the params',
    ],
    [
      'another registry',
      { params: { registry: 'other', api: 'registry' } },
      'not-found',
      'registry in the params',
    ],
  ])('tells of %s', async (_what, change, code, advice) => {
    const world = await open();
    await expect(digitalocean.check(world.call(change))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(advice),
    });
  });

  test('tells of a token that may not read registries', async () => {
    const world = await open();
    world.vendor.behaviour.scopes = [];
    await expect(digitalocean.check(world.call())).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('registry:read'),
    });
  });

  test('tells that the deprecated API is for one registry, and so does issuing', async () => {
    const world = await open();
    world.vendor.behaviour.registries = 2;
    const call = world.call({ params: { api: 'registry' } });
    for (const work of [digitalocean.check(call), digitalocean.issue(call, world.order())]) {
      await expect(work).rejects.toMatchObject({
        code: 'rejected',
        message: expect.stringContaining('api: registries'),
      });
    }
    await digitalocean.check(world.call());
  });
});

test('digitalocean: a credential that writes needs a token that may update', async () => {
  const world = await open();
  world.vendor.behaviour.scopes = ['registry:read'];
  await expect(
    digitalocean.issue(world.call({ params: { readWrite: true } }), world.order()),
  ).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('registry:update'),
  });
  await world.issue();
});

test('digitalocean: a rotation takes one call to the API and three to a registry that is asked for the first time', async () => {
  const world = await open();
  await world.verdict(await world.issue());
  expect(world.vendor.requests).toEqual([
    'GET /v2/registries/simulated/docker-credentials',
    'GET /v2/',
    'GET /v2/registry/auth',
    'GET /v2/registry/auth',
  ]);
});

test('digitalocean: the password may go where the registry’s challenge points, and nowhere else', () => {
  expect(digitalocean.realms).toEqual(['api.digitalocean.com']);
});

test('digitalocean: credentials read alone, through the API for any number of registries, unless the fleet file says otherwise', () => {
  expect(digitalocean.params.parse({ registry: 'a' })).toEqual({
    registry: 'a',
    readWrite: false,
    api: 'registries',
  });
});

test.each([
  ['no registry', { registry: undefined }],
  ['a registry in capitals', { registry: 'Acme' }],
  ['a registry with a repository', { registry: 'acme/app' }],
  ['a registry of 64 characters', { registry: 'a'.repeat(64) }],
  ['a text for readWrite', { readWrite: 'true' }],
  ['an API of another name', { api: 'v2' }],
])('digitalocean: parameters with %s are refused', (_what, change) => {
  expect(digitalocean.params.safeParse({ registry: 'acme', ...change }).success).toBe(false);
});

/** A Docker configuration: the logins by host. */
const config = (logins: Readonly<Record<string, string>>) => ({
  auths: Object.fromEntries(
    Object.entries(logins).map(([host, login]) => [
      host,
      { auth: Buffer.from(login).toString('base64') },
    ]),
  ),
});

/** An Http that gives this JSON. */
function canned(answer: (request: HttpRequest) => unknown, change: Partial<HttpAnswer> = {}) {
  const requests: HttpRequest[] = [];
  const send: Http['send'] = async (request) => {
    requests.push(request);
    return {
      status: 200,
      headers: {},
      body: JSON.stringify(answer(request)),
      retryAfter: undefined,
      ...change,
    };
  };
  return { http: { send }, requests };
}
