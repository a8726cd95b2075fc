import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../lib/core/time.ts';
import { createSimulatedDigitalocean } from '../../../lib/sandbox/vendors/digitalocean/index.ts';
import { openVendor } from './open.ts';

const EMAIL = 'owner@simulated-account.test';
const admin = 'dop_v1_simulated-digitalocean-admin-token';
const credentials = '/v2/registries/simulated/docker-credentials';

async function open() {
  const opened = await openVendor(createSimulatedDigitalocean, `Bearer ${admin}`);
  const { ask, endpoint, registry } = opened;
  const made = async (query = 'expiry_seconds=3600') => {
    const { auths } = (await ask('GET', `${credentials}?${query}`)).body as {
      auths: Record<string, { auth: string }>;
    };
    const [[host = '', { auth } = { auth: '' }] = []] = Object.entries(auths);
    const pair = Buffer.from(auth, 'base64').toString();
    return { host, pair, token: pair.trim().split(':').at(-1) ?? '' };
  };
  const as = (token: string, path: string) =>
    ask('GET', path, undefined, { authorization: `Bearer ${token}` });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const revoke = (token: string, bearer = token, headers: Record<string, string> = form) =>
    ask('POST', '/v1/oauth/revoke', `token=${token}`, {
      ...headers,
      authorization: `Bearer ${bearer}`,
    });
  /** A request to the registry's token server, as a Docker client sends it. */
  const auth = (token: string, query = '', method = 'GET') => {
    const authorization = `Basic ${Buffer.from(`${EMAIL}:${token}`).toString('base64')}`;
    return fetch(`http://${registry}/v2/registry/auth?service=registry.digitalocean.com${query}`, {
      method,
      headers: { authorization },
    });
  };
  const login = async (token: string) => (await auth(token)).status;
  return { ...opened, made, as, revoke, auth, login, endpoint };
}
const refusal = (status: number, id: string) => ({
  status,
  body: { id, message: expect.any(String), request_id: expect.any(String) },
});

describe('the simulated DigitalOcean', () => {
  test('creates another token with every GET, and shows it once', async () => {
    const { made, login, registry, vendor } = await open();
    const [first, second] = [await made(), await made()];
    expect(first).toEqual({
      host: registry,
      pair: `${EMAIL}:${first.token}`,
      token: expect.stringMatching(/^dop_v1_/),
    });
    expect(first.token).not.toBe(second.token);
    expect([
      await login(first.token),
      await login(second.token),
      await login('dop_v1_other'),
    ]).toEqual([200, 200, 401]);
    expect(vendor.credentials().map(({ label }) => label.replace(/\d+$/, 'N'))).toEqual([
      'container-registry-simulated-N',
      'container-registry-simulated-N',
    ]);
  });

  test('can answer with the old form of a login', async () => {
    const { made, login, vendor } = await open();
    vendor.behaviour.oldForm = true;
    const { pair, token } = await made();
    expect(pair).toBe(`${token}:${token}\n`);
    expect(await login(token)).toBe(200);
  });

  test('expires a token after its seconds, or never', async () => {
    const { made, as, login, clock } = await open();
    const [hour, none, zero] = [await made(), await made(''), await made('expiry_seconds=0')];
    clock.advance(HOUR - 1);
    expect(await login(hour.token)).toBe(200);
    clock.advance(1);
    expect(await login(hour.token)).toBe(401);
    expect(await as(hour.token, '/v2/account')).toMatchObject(refusal(401, 'unauthorized'));
    clock.advance(1000 * DAY);
    expect([await login(none.token), await login(zero.token)]).toEqual([200, 200]);
  });

  test.each(['expiry_seconds=-1', 'expiry_seconds=soon', 'expiry_seconds=1.5', 'read_write=yes'])(
    'refuses %s',
    async (query) => {
      const { ask, vendor } = await open();
      expect(await ask('GET', `${credentials}?${query}`)).toMatchObject(
        refusal(422, 'unprocessable_entity'),
      );
      expect(vendor.credentials()).toEqual([]);
    },
  );

  test('lets only the token itself revoke a token', async () => {
    const { made, as, login, revoke } = await open();
    const [one, other] = [await made(), await made()];
    expect(await revoke(one.token, other.token)).toMatchObject(refusal(403, 'forbidden'));
    expect(await revoke(one.token, admin)).toMatchObject(refusal(403, 'forbidden'));
    expect(await revoke(one.token, 'dop_v1_nobody')).toMatchObject(refusal(401, 'unauthorized'));
    expect(
      await revoke(one.token, one.token, { 'content-type': 'application/json' }),
    ).toMatchObject(refusal(400, 'bad_request'));
    expect(await revoke('', one.token)).toMatchObject(refusal(400, 'bad_request'));
    expect((await as(one.token, '/v2/account')).status).toBe(200);
    expect((await revoke(one.token)).status).toBe(200);
    expect([await login(one.token), await login(other.token)]).toEqual([401, 200]);
    expect(await as(one.token, '/v2/account')).toMatchObject({
      status: 401,
      body: { id: 'unauthorized', message: 'Unable to authenticate you.' },
    });
  });

  test.each([
    [401, 'unauthorized'],
    [400, 'bad_request'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [200, undefined],
  ] as const)('answers a second revocation with the configured status %s', async (status, id) => {
    const { made, revoke, vendor } = await open();
    vendor.behaviour.revokedAgain = status;
    const { token } = await made();
    await revoke(token);
    expect(await revoke(token)).toMatchObject(id ? refusal(status, id) : { status, body: {} });
  });

  test('changes its API at once, and its registry after a delay', async () => {
    const { made, as, login, revoke, clock, vendor } = await open();
    Object.assign(vendor.behaviour.delays, { create: 10, delete: 20 });
    const { token } = await made();
    expect([(await as(token, '/v2/account')).status, await login(token)]).toEqual([200, 401]);
    clock.advance(10);
    expect(await login(token)).toBe(200);
    await revoke(token);
    expect([(await as(token, '/v2/account')).status, await login(token)]).toEqual([401, 200]);
    clock.advance(20);
    expect(await login(token)).toBe(401);
  });

  test('shows the account to a docker credential, unless that is switched off', async () => {
    const { made, as, vendor } = await open();
    const { token } = await made();
    expect(await as(token, '/v2/account')).toMatchObject({
      status: 200,
      body: { account: { email: EMAIL } },
    });
    vendor.behaviour.seesAccount = false;
    expect(await as(token, '/v2/account')).toMatchObject(refusal(403, 'forbidden'));
    expect(await as(token, credentials)).toMatchObject(refusal(403, 'forbidden'));
    expect((await as(admin, '/v2/account')).status).toBe(200);
  });

  test('checks the scopes of the personal access token', async () => {
    const { ask, as, vendor } = await open();
    vendor.behaviour.scopes = ['registry:read'];
    expect(await ask('GET', `${credentials}?read_write=true`)).toMatchObject(
      refusal(403, 'forbidden'),
    );
    expect((await ask('GET', `${credentials}?read_write=false`)).status).toBe(200);
    vendor.behaviour.scopes = [];
    for (const path of ['/v2/registries', '/v2/registry', '/v2/registries/simulated', credentials])
      expect(await ask('GET', path)).toMatchObject(refusal(403, 'forbidden'));
    for (const path of ['/v2/registries', '/v2/registry', '/v2/account', credentials])
      expect(await as('wrong', path)).toMatchObject(refusal(401, 'unauthorized'));
  });

  test('finds its registry by name, and has deprecated paths for a single registry', async () => {
    const { ask, vendor } = await open();
    expect((await ask('GET', '/v2/registries')).body).toMatchObject({
      registries: [{ name: 'simulated' }],
    });
    for (const path of ['/v2/registry', '/v2/registries/simulated'])
      expect((await ask('GET', path)).body).toMatchObject({ registry: { name: 'simulated' } });
    for (const path of [
      '/v2/registries/other',
      '/v2/registries/other/docker-credentials',
      '/v2/registries/simulated/other',
    ])
      expect(await ask('GET', path)).toMatchObject(refusal(404, 'not_found'));
    vendor.behaviour.registries = 2;
    for (const path of ['/v2/registry', '/v2/registry/docker-credentials'])
      expect(await ask('GET', path)).toMatchObject(refusal(412, 'precondition_failed'));
    expect((await ask('GET', credentials)).status).toBe(200);
  });

  test('limits bursts with Retry-After, and hours with the time of the reset', async () => {
    const { ask, clock, vendor } = await open();
    const limits = async () => {
      const { status, headers } = await ask('GET', '/v2/registries');
      const of = (name: string) => headers.get(name);
      return [
        status,
        of('retry-after'),
        of('ratelimit-remaining'),
        Number(of('ratelimit-reset')) - clock.now().getTime() / 1000,
      ];
    };
    clock.advance(5 * MINUTE);
    expect(await limits()).toEqual([200, null, '4816', 1800]);
    vendor.behaviour.throttled = 'burst';
    expect(await limits()).toEqual([429, '29', '4816', 1800]);
    vendor.behaviour.throttled = 'hour';
    expect(await limits()).toEqual([429, null, '0', 1800]);
    expect(await ask('GET', '/v2/registries')).toMatchObject(refusal(429, 'too_many_requests'));
  });

  test('has a registry with tokens from /v2/registry/auth, by GET only', async () => {
    const { registry, made, auth } = await open();
    const start = await fetch(`http://${registry}/v2/`);
    expect(start.status).toBe(401);
    expect(start.headers.get('www-authenticate')).toBe(
      `Bearer realm="http://${registry}/v2/registry/auth",service="registry.digitalocean.com"`,
    );
    const { token } = await made();
    expect([(await auth(token)).status, (await auth(token, '', 'POST')).status]).toEqual([
      200, 405,
    ]);
  });

  test('refuses a scope outside the account’s registry', async () => {
    const { made, auth } = await open();
    const { token } = await made();
    const status = async (scope: string, password = token) =>
      (await auth(password, `&scope=${scope}`)).status;
    expect(await status('repository:simulated/app:pull')).toBe(200);
    expect(await status('repository:other/app:pull')).toBe(400);
    expect(await status('repository:simulated:pull')).toBe(400);
    expect(await status('repository:other/app:pull', 'wrong')).toBe(401);
    expect(await status('registry:catalog:*')).toBe(200);
  });

  test('allows a token the actions that it was created for', async () => {
    const { made, auth } = await open();
    const actions = async (query: string) => {
      const answer = await auth(
        (await made(query)).token,
        '&scope=repository:simulated/app:pull,push,delete',
      );
      const { token } = (await answer.json()) as { token: string };
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
        access: [{ actions: unknown }];
      };
      return claims.access[0].actions;
    };
    expect(await actions('read_write=false')).toEqual(['pull']);
    expect(await actions('')).toEqual(['pull']);
    expect(await actions('read_write=true')).toEqual(['pull', 'push', 'delete']);
  });

  test('injects faults into API and registry separately, although they share ports', async () => {
    const { ask, login, made, vendor, endpoint, registry } = await open();
    const { token } = await made();
    vendor.faults.next(/./, { status: 418 });
    vendor.registryFaults.next(/./, { status: 503 });
    expect([await login(token), (await ask('GET', '/v2/account')).status]).toEqual([503, 418]);
    expect([await login(token), (await ask('GET', '/v2/account')).status]).toEqual([200, 200]);
    const answers = [endpoint, `http://${registry}`].map((origin) => fetch(`${origin}/v2/account`));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401]);
  });

  test('reports every credential, never a token, and continues after a restart', async () => {
    const { made, revoke, vendor, clock } = await open();
    const [gone, kept] = [await made(), await made('expiry_seconds=7200')];
    vendor.plant('by-hand');
    await made('expiry_seconds=60');
    await revoke(gone.token);
    clock.advance(MINUTE);
    expect(vendor.credentials().map(({ state }) => state)).toEqual([
      'deleted',
      'enabled',
      'enabled',
      'expired',
    ]);
    const dumped = JSON.stringify(vendor.dump());
    for (const { token } of [gone, kept])
      expect(JSON.stringify(vendor.credentials()) + dumped).not.toContain(token);
    const again = await openVendor((options) => {
      const restored = createSimulatedDigitalocean(options);
      restored.restore(JSON.parse(dumped));
      return restored;
    }, `Bearer ${kept.token}`);
    expect((await again.ask('GET', '/v2/account')).status).toBe(200);
  });
});
