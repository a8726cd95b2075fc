import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { basicAuth } from '../../lib/core/login.ts';
import type { Http, HttpAnswer, HttpRequest } from '../../lib/core/ports.ts';
import { Secret } from '../../lib/core/secret.ts';
import { DAY, HOUR, plus, SECOND } from '../../lib/core/time.ts';
import { labelled, openWorld, testProvider } from '../../lib/kit/testing/index.ts';
import { digitalocean } from '../../lib/providers/digitalocean.ts';
import { createSimulatedDigitalocean } from '../../lib/sandbox/vendors/digitalocean/index.ts';

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
  test('digitalocean sets an expiry in whole seconds, never later than requested', async () => {
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
    ['an expiry that is not a time', Number.NaN],
  ])('digitalocean does not request a credential with %s', async (_what, left) => {
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

  test('digitalocean derives a stable id that reveals nothing of the token', async () => {
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

  test('digitalocean shows no token or e-mail address in an id or a printed login', async () => {
    const world = await open();
    const credential = await world.issue();
    expect(credential.username).toBe(EMAIL);
    expect(credential.id).not.toContain('owner');
    expect(inspect(credential, { depth: 9 })).not.toContain('dop_v1_');
  });

  test('digitalocean reads and revokes a login with the token as username', async () => {
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
    ['only read', false, ['pull']],
    ['write if requested', true, ['pull', 'push', 'delete']],
  ])('digitalocean issues credentials that %s', async (_what, readWrite, actions) => {
    const world = await open();
    const { username, password, registry } = await digitalocean.issue(
      world.call({ params: { readWrite } }),
      world.order(),
    );
    const authorization = basicAuth({ username, password });
    const scope = 'repository:simulated/app:pull,push,delete';
    const url = `http://${registry}/v2/registry/auth?scope=${scope}`;
    const { token } = (await (await fetch(url, { headers: { authorization } })).json()) as {
      token: string;
    };
    expect(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
    ).toMatchObject({ access: [{ actions }] });
  });

  test('digitalocean also issues through the deprecated API', async () => {
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

  test('digitalocean takes any host of the registry from the Docker config', async () => {
    expect(await issue(config({ 'other.example.test': 'a:b' }))).toMatchObject({
      registry: 'other.example.test',
    });
  });

  test('digitalocean picks the usual host from a Docker config with several', async () => {
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

  test('digitalocean reads the token after the last colon of a login', async () => {
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
    ['a host with a user before it', config({ 'CANARY@a.test': 'a:CANARY' })],
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
  ])('digitalocean refuses a Docker config with %s, and shows none of it', async (_what, body) => {
    await expect(issue(body)).rejects.toMatchObject({
      code: 'bad-answer',
      retryable: true,
      message: expect.not.stringContaining('CANARY'),
    });
  });
});

describe('digitalocean: revoking', () => {
  const HOST = 'https://cloud.digitalocean.com';

  test('digitalocean revokes with the token itself, at the host of the control panel', async () => {
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

  test('digitalocean revokes at the endpoint if the endpoint is not the default', async () => {
    const world = await open();
    const { http, requests } = canned(() => ({}));
    await digitalocean.revoke({ ...world.call(), http }, { id: 'x', password: new Secret('a') });
    expect(requests.map(({ url }) => url)).toEqual([`${world.call().endpoint}/v1/oauth/revoke`]);
  });

  test.each([200, 400, 401, 403, 404] as const)(
    'digitalocean can revoke twice if DigitalOcean answers %s',
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

  test('digitalocean treats revoking an expired token as success', async () => {
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
  ])('digitalocean fails to revoke after %s', async (_what, status, seesAccount, code) => {
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
  ] as const)(
    'digitalocean does not call a token dead while the account answers %s',
    async (_what, fault, code) => {
      const world = await open();
      const credential = await world.issue();
      await digitalocean.revoke(world.call(), credential);
      world.vendor.faults.next(account, fault, 9);
      await expect(digitalocean.revoke(world.call(), credential)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(/^digitalocean: prove the revocation: /),
      });
    },
  );
});

describe('digitalocean: limits on the rate of calls', () => {
  test.each([
    ['as long as Retry-After says after a burst', 'burst', 29 * SECOND],
    ['until the hourly limit eases', 'hour', HOUR / 2],
  ] as const)('digitalocean waits %s', async (_what, throttled, retryAfter) => {
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
    ['a word', { 'ratelimit-reset': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])(
    'digitalocean reads %s from the header of a rate limit',
    async (_what, headers, retryAfter) => {
      const world = await open();
      const { http } = canned(() => ({ id: 'too_many_requests' }), { status: 429, headers });
      await expect(
        digitalocean.issue({ ...world.call(), http }, world.order()),
      ).rejects.toMatchObject({
        code: 'throttled',
        retryAfter,
      });
    },
  );
});

describe('digitalocean: the check', () => {
  test.each(['registries', 'registry'])(
    'digitalocean checks a working target without an error (api: %s)',
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
    ['an invalid token', { admin: { token: 'wrong' } }, 'admin-refused', 'admin secret'],
    [
      'an unknown registry',
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
  ])('digitalocean reports %s in its check', async (_what, change, code, advice) => {
    const world = await open();
    await expect(digitalocean.check(world.call(change))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(advice),
    });
  });

  test('digitalocean reports a token that may not read registries in its check', async () => {
    const world = await open();
    world.vendor.behaviour.scopes = [];
    await expect(digitalocean.check(world.call())).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('registry:read'),
    });
  });

  test('digitalocean reports that the deprecated API is for one registry', async () => {
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

test('digitalocean needs an admin token that may update to issue one that may write', async () => {
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

test('digitalocean makes one API call for a rotation, and three to a new registry', async () => {
  const world = await open();
  await world.verdict(await world.issue());
  expect(world.vendor.requests).toEqual([
    'GET /v2/registries/simulated/docker-credentials',
    'GET /v2/',
    'GET /v2/registry/auth',
    'GET /v2/registry/auth',
  ]);
});

test('digitalocean sends a password only to the realm of the registry’s challenge', () => {
  expect(digitalocean.realms).toEqual(['api.digitalocean.com']);
});

test('digitalocean defaults to read-only credentials and the API for many registries', () => {
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
])('digitalocean refuses parameters with %s', (_what, change) => {
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
