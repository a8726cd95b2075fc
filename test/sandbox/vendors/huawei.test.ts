import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../../lib/core/secret.ts';
import { DAY, HOUR, MINUTE, plus } from '../../../lib/core/time.ts';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import { sign } from '../../../lib/providers/huawei/sign.ts';
import {
  createSimulatedHuaweiAccessKey,
  createSimulatedHuaweiEnterprise,
  createSimulatedHuaweiTemporary,
  type SimulatedHuawei,
} from '../../../lib/sandbox/vendors/huawei/index.ts';
import type { VendorOptions } from '../../../lib/sandbox/vendors/index.ts';

const projectId = '0123456789abcdef0123456789abcdef';
const instance = `/v2/${projectId}/instances/11111111-2222-4333-8444-555555555555`;
const longTerm = `${instance}/long-term-credentials`;
const iam = '/v3.0/OS-CREDENTIAL/credentials';
const userId = '07609fb9358010e21f7bc003751c7c32';

/** The members of an answer that these tests read. */
interface Body {
  token_id: string;
  user_id: string;
  auth_token: string;
  total?: number;
  auth_tokens?: unknown[];
  auths: Record<string, { auth: string } | undefined>;
  credential: { access: string; secret: string };
  credentials: { access: string; status: string }[];
}

interface Change {
  secretKey?: string;
  accessKey?: string;
  at?: Date;
  /** Sent instead of the signed values. */
  tampered?: { path?: string; body?: string; headers?: Record<string, string> };
}

async function open(create: (options: VendorOptions) => SimulatedHuawei) {
  const clock = manualClock();
  const vendor = create({ clock });
  const { endpoint, registry, close } = await vendor.start();
  onTestFinished(close);
  const known = JSON.parse(vendor.admin) as { accessKey: string; secretKey: string };

  async function ask(method: string, path: string, body?: unknown, change: Change = {}) {
    const {
      accessKey = known.accessKey,
      secretKey = known.secretKey,
      at = clock.now(),
      tampered = {},
    } = change;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'x-project-id': projectId };
    const key = { accessKey: new Secret(accessKey), secretKey: new Secret(secretKey) };
    const signed = sign({ method, url: `${endpoint}${path}`, headers, body: text }, key, at);
    const sent = tampered.body ?? text;
    const init = {
      method,
      headers: { ...signed, ...tampered.headers },
      ...(sent !== undefined && { body: sent }),
    };
    const answer = await fetch(`${endpoint}${tampered.path ?? path}`, init);
    const json = answer.headers.get('content-type')?.includes('json');
    return {
      status: answer.status,
      headers: answer.headers,
      body: (json ? await answer.json() : await answer.text()) as Body,
    };
  }
  const token = async (username: string, password: string, query = '') => {
    const challenge = (await fetch(`http://${registry}/v2/`)).headers.get('www-authenticate') ?? '';
    const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(`${realm}${query}`, { headers: { authorization } });
    return { status: answer.status, challenge, body: await answer.json() };
  };
  return { vendor, clock, registry, ask, token };
}

const unsigned = {
  error_code: 'APIGW.0301',
  error_msg: expect.stringMatching(/^Incorrect IAM authentication/),
  request_id: expect.any(String),
};

describe('the simulated gateway of Huawei Cloud', () => {
  test('accepts signed requests for a quarter of an hour', async () => {
    const { ask, clock } = await open(createSimulatedHuaweiEnterprise);
    expect((await ask('GET', instance)).status).toBe(200);
    for (const ms of [-15 * MINUTE, 15 * MINUTE]) {
      expect((await ask('GET', instance, undefined, { at: plus(clock.now(), ms) })).status).toBe(
        200,
      );
      const late = await ask('GET', instance, undefined, {
        at: plus(clock.now(), ms + Math.sign(ms) * 1000),
      });
      expect(late).toMatchObject({ status: 401, body: unsigned });
    }
  });

  test.each<[string, Change]>([
    ['by another key', { accessKey: 'AKEXAMPLE00000000009' }],
    ['with the wrong secret', { secretKey: 'wrong' }],
    ['for another path', { tampered: { path: `${instance}/temp-credential` } }],
    ['for another query', { tampered: { path: `${longTerm}?offset=1&limit=100` } }],
    ['for another project', { tampered: { headers: { 'x-project-id': 'f'.repeat(32) } } }],
    ['at another time', { tampered: { headers: { 'x-sdk-date': '20300101T000001Z' } } }],
    ['in another way', { tampered: { headers: { authorization: 'Bearer token' } } }],
    ['without a time', { tampered: { headers: { 'x-sdk-date': 'now' } } }],
  ])('refuses a request that is signed %s', async (_what, change) => {
    const { ask } = await open(createSimulatedHuaweiEnterprise);
    expect(await ask('GET', `${longTerm}?offset=0&limit=100`, undefined, change)).toMatchObject({
      status: 401,
      body: unsigned,
    });
  });

  test('refuses a body that was not signed', async () => {
    const { ask, vendor } = await open(createSimulatedHuaweiEnterprise);
    const change = { tampered: { body: '{"name":"other"}' } };
    expect(
      (await ask('POST', `${instance}/long-term-credential`, { name: 'mine' }, change)).status,
    ).toBe(401);
    expect(vendor.credentials()).toEqual([]);
  });

  test('verifies unicode, empty values, repeated keys and reserved characters', async () => {
    const { ask } = await open(createSimulatedHuaweiAccessKey);
    const query = `?user_id=${userId}&k=b&k=a&e=&n=j%C3%B6rg%20%2F%E2%82%AC!*'()~`;
    expect((await ask('GET', `${iam}${query}`)).status).toBe(200);
    expect((await ask('GET', `${iam}/%C3%A4(x)!`)).status).toBe(404);
  });
});

describe('the simulated SWR Enterprise Edition', () => {
  test('shows the password only in the answer to the create', async () => {
    const { ask, token } = await open(createSimulatedHuaweiEnterprise);
    const { status, body } = await ask('POST', `${instance}/long-term-credential`, {
      name: 'mine',
    });
    expect(status).toBe(201);
    expect((await token(body.user_id, body.auth_token)).status).toBe(200);
    const list = await ask('GET', longTerm);
    expect(list.body).toMatchObject({
      total: 1,
      auth_tokens: [{ name: 'mine', enable: true, token_id: body.token_id }],
    });
    expect(JSON.stringify(list.body)).not.toContain(body.auth_token);
  });

  test('requires offset and limit together, and at most 100', async () => {
    const { ask, vendor } = await open(createSimulatedHuaweiEnterprise);
    for (let number = 0; number < 130; number++) vendor.plant(`token-${number}`);
    const page = async (query: string) => {
      const { status, body } = await ask('GET', `${longTerm}${query}`);
      return [status, body.total, body.auth_tokens?.length];
    };
    expect(await page('')).toEqual([200, 130, 100]);
    expect(await page('?offset=128&limit=5')).toEqual([200, 130, 2]);
    for (const query of [
      '?offset=0',
      '?limit=10',
      '?offset=0&limit=101',
      '?offset=-1&limit=1',
      '?offset=0&limit=x',
    ]) {
      expect((await page(query))[0]).toBe(400);
    }
  });

  test('lists the caller’s own credentials, or all to a te_admin', async () => {
    const { ask, vendor } = await open(createSimulatedHuaweiEnterprise);
    vendor.plant('mine');
    vendor.plant('theirs', 'another-user');
    expect((await ask('GET', longTerm)).body.total).toBe(1);
    expect((await ask('GET', `${longTerm}?offset=0&limit=100&self_only=false`)).status).toBe(403);
    vendor.behaviour.seesAll = true;
    expect((await ask('GET', `${longTerm}?offset=0&limit=100&self_only=false`)).body.total).toBe(2);
  });

  test('disables, enables and deletes', async () => {
    const { ask, token, vendor } = await open(createSimulatedHuaweiEnterprise);
    const { body } = await ask('POST', `${instance}/long-term-credential`, { name: 'mine' });
    const path = `${longTerm}/${body.token_id}`;
    const login = async () => (await token(body.user_id, body.auth_token)).status;
    expect(await ask('PUT', path, { enable: false })).toMatchObject({ status: 200, body: '' });
    expect(await login()).toBe(401);
    await ask('PUT', path, { enable: true });
    expect(await login()).toBe(200);
    vendor.behaviour.delays.delete = HOUR;
    expect((await ask('DELETE', path)).status).toBe(204);
    expect(await login()).toBe(200);
    for (const [method, sent] of [['DELETE'], ['PUT', { enable: false }]] as const) {
      expect(await ask(method, path, sent)).toMatchObject({
        status: 404,
        body: { error_code: expect.any(String) },
      });
    }
  });

  test.each(['', 'Upper', 'a--b', '-a', 'a_', 'a/b', 'a'.repeat(65)])(
    'refuses the name %j',
    async (name) => {
      const { ask } = await open(createSimulatedHuaweiEnterprise);
      expect(await ask('POST', `${instance}/long-term-credential`, { name })).toMatchObject({
        status: 400,
      });
    },
  );

  test('refuses other projects and instances, and supports only the documented calls', async () => {
    const { ask } = await open(createSimulatedHuaweiEnterprise);
    expect((await ask('GET', `/v2/${'f'.repeat(32)}/instances/x`)).status).toBe(403);
    expect((await ask('GET', `/v2/${projectId}/instances/x`)).status).toBe(404);
    expect((await ask('POST', longTerm, { name: 'mine' })).status).toBe(404);
    expect((await ask('GET', `${instance}/long-term-credential`)).status).toBe(404);
    expect((await ask('GET', '/v9')).body).toMatchObject({ error_code: 'APIGW.0101' });
  });

  test('restores its dumped state', async () => {
    const { vendor, clock } = await open(createSimulatedHuaweiEnterprise);
    vendor.plant('mine');
    vendor.behaviour.delays.delete = HOUR;
    const other = createSimulatedHuaweiEnterprise({ clock });
    other.restore(JSON.parse(JSON.stringify(vendor.dump())));
    expect(other.credentials()).toEqual(vendor.credentials());
    expect(other.behaviour).toEqual(vendor.behaviour);
  });
});

describe('the simulated SWR basic edition', () => {
  const secret = '/v2/manage/utils/secret';

  test('creates a login for six hours, and returns it in two forms', async () => {
    const { ask, token, clock, registry } = await open(createSimulatedHuaweiTemporary);
    const { body, headers } = await ask('POST', `${secret}?projectname=ap-southeast-3`);
    const [username = '', password = ''] = Buffer.from(body.auths[registry]?.auth ?? '', 'base64')
      .toString()
      .split(':');
    expect(headers.get('x-swr-dockerlogin')).toBe(
      `docker login -u ${username} -p ${password} ${registry}`,
    );
    expect(headers.get('x-swr-expireat')).toBe('2030-01-01T06:00:00.000000Z');
    const { status, challenge } = await token(username, password);
    expect(status).toBe(200);
    expect(challenge).toBe(
      `Bearer realm="http://${registry}/swr/auth/v2/registry/auth/",service="dockyard"`,
    );
    clock.advance(6 * HOUR);
    expect(await token(username, password)).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'DENIED' }] },
    });
  });

  test('denies an organization that does not exist, with any password', async () => {
    const { ask, token, registry } = await open(createSimulatedHuaweiTemporary);
    const { body } = await ask('POST', secret);
    const [username = '', password = ''] = Buffer.from(body.auths[registry]?.auth ?? '', 'base64')
      .toString()
      .split(':');
    const query = (name: string) => `?service=dockyard&scope=repository:${name}:pull`;
    expect((await token(username, password, query('team/app'))).status).toBe(200);
    expect(await token(username, password, query('nobody/app'))).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'DENIED', message: 'Image organization does not exist' }] },
    });
    expect(await token(username, 'wrong', query('team/app'))).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'DENIED', message: 'Authenticate Error' }] },
    });
  });

  test('has a second kind of login, for one day', async () => {
    const { ask, clock } = await open(createSimulatedHuaweiTemporary);
    const { headers } = await ask('POST', '/v2/manage/utils/authorizationtoken');
    expect(new Date(headers.get('x-swr-expireat') ?? '')).toEqual(plus(clock.now(), DAY));
  });

  test('has its own form of error bodies', async () => {
    const { ask, vendor } = await open(createSimulatedHuaweiTemporary);
    const shape = [
      {
        errorCode: expect.stringMatching(/^SVCSTG\.SWR\./),
        errorMessage: expect.any(String),
        detail: '',
      },
    ];
    expect(await ask('POST', `${secret}?duration_seconds=899`)).toMatchObject({
      status: 400,
      body: shape,
    });
    expect(await ask('POST', `${secret}?projectname=eu-west-101`)).toMatchObject({
      status: 400,
      body: shape,
    });
    vendor.behaviour.privileged = false;
    expect(await ask('POST', secret)).toMatchObject({ status: 403, body: shape });
  });
});

describe('the simulated IAM', () => {
  const posted = { credential: { user_id: userId, description: 'mine' } };

  test('gives a user two access keys, active or not, and shows the secret once', async () => {
    const { ask } = await open(createSimulatedHuaweiAccessKey);
    const { status, body } = await ask('POST', iam, posted);
    expect([status, body.credential.secret.length]).toEqual([201, 40]);
    await ask('PUT', `${iam}/${body.credential.access}`, { credential: { status: 'inactive' } });
    await ask('POST', iam, posted);
    expect(await ask('POST', iam, posted)).toMatchObject({
      status: 400,
      body: { error: { message: 'akSkNumExceed', code: 400, title: 'Bad Request' } },
    });
    const list = await ask('GET', `${iam}?user_id=${userId}`);
    expect(list.body.credentials.map(({ status }) => status)).toEqual(['inactive', 'active']);
    expect(JSON.stringify(list.body)).not.toContain(body.credential.secret);
  });

  test('lists the caller’s own keys without a user, and none for an unknown user', async () => {
    const { ask, vendor } = await open(createSimulatedHuaweiAccessKey);
    vendor.plant('by hand');
    expect((await ask('GET', iam)).body.credentials).toMatchObject([
      { access: 'SIMULATEDADMINAK0001' },
    ]);
    expect((await ask('GET', `${iam}?user_id=${'f'.repeat(32)}`)).body).toMatchObject({
      error: { code: 404 },
    });
    expect((await ask('GET', `${iam}?user_id=${userId}`)).body.credentials).toMatchObject([
      { description: 'by hand' },
    ]);
  });
});

interface Example {
  name: string;
  request: { method: string; path: string; body?: unknown };
  response: { status: number; body?: unknown; bodyText?: string };
}
const { examples } = JSON.parse(
  readFileSync(new URL('../../providers/huawei-examples.json', import.meta.url), 'utf8'),
) as {
  examples: Example[];
};

/** The structure of a value, without its content. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value !== 'object' || value === null) return typeof value;
  const fields = Object.entries(value).map(([key, inner]) => [
    /^(127|swr)\./.test(key) ? 'host' : key,
    shape(inner),
  ]);
  return Object.fromEntries(fields.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

describe('the examples of Huawei’s documents', () => {
  const talks = examples.filter(
    ({ name, request }) => request && !/registry|error|limit/.test(name),
  );

  test('are complete', () => {
    expect(talks.map(({ name }) => name)).toHaveLength(12);
  });

  test.each(talks)('$name is answered as documented', async ({ request, response }) => {
    const ofIam = request.path.startsWith('/v3.0');
    const { ask, vendor } = await open(
      ofIam ? createSimulatedHuaweiAccessKey : createSimulatedHuaweiEnterprise,
    );
    vendor.behaviour.seesAll = true;
    const { id } = vendor.plant('rotator-by-hand');
    const path = request.path
      .replace('/v2/{project_id}/instances/{instance_id}', instance)
      .replace(/\{token_id\}|\{access_key\}/, id);
    const { status, body } = await ask(request.method, path, request.body ?? undefined);
    expect(status).toBe(response.status);
    expect(shape(body)).toEqual(shape(response.body ?? response.bodyText));
  });
});
