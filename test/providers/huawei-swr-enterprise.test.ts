import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatLabel } from '../../lib/core/ids/label.ts';
import type { Http, HttpRequest } from '../../lib/core/ports.ts';
import { HOUR, MINUTE } from '../../lib/core/time.ts';
import { labelled, openWorld, prefix, testProvider } from '../../lib/kit/testing/index.ts';
import { huaweiSwrEnterprise } from '../../lib/providers/huawei-swr-enterprise.ts';
import { createSimulatedHuaweiEnterprise } from '../../lib/sandbox/vendors/huawei/index.ts';

const subject = {
  provider: huaweiSwrEnterprise,
  vendor: createSimulatedHuaweiEnterprise,
  create: /^POST .*\/long-term-credential$/,
  list: /^GET .*\/long-term-credentials$/,
  remove: /^DELETE .*\/long-term-credentials\/[^/]+$/,
  update: /^PUT .*\/long-term-credentials\/[^/]+$/,
  admin: (secretKey: unknown) => ({ accessKey: 'AKEXAMPLE00000000009', secretKey }),
};
const open = () => openWorld(subject);

testProvider('huawei-swr-enterprise', subject);

describe('huawei-swr-enterprise: the instance', () => {
  test('huawei-swr-enterprise reads the registry’s host from the instance', async () => {
    const world = await open();
    const { registry } = await world.issue();
    expect(registry).toBe(world.call().registry);
  });

  test('huawei-swr-enterprise issues nothing until the instance runs', async () => {
    const world = await open();
    world.vendor.behaviour.instanceState = 'Creating';
    await expect(world.issue()).rejects.toMatchObject({ code: 'provider-failed', retryable: true });
    expect(world.count(subject.create)).toBe(0);
    world.vendor.behaviour.instanceState = 'Running';
    await world.issue();
  });

  test.each([
    ['a host', 'acme-a1b2c3.swr-pro.myhuaweicloud.com', 'acme-a1b2c3.swr-pro.myhuaweicloud.com'],
    [
      'a URL',
      'https://acme-a1b2c3.swr-pro.myhuaweicloud.com/',
      'acme-a1b2c3.swr-pro.myhuaweicloud.com',
    ],
  ])(
    'huawei-swr-enterprise reads an address that is %s',
    async (_what, access_address, registry) => {
      const world = await open();
      const { http } = canned(({ method }) =>
        method === 'GET' ? { access_address, status: 'Running' } : created,
      );
      expect(
        await huaweiSwrEnterprise.issue({ ...world.call(), http }, { label: labelled() }),
      ).toMatchObject({ registry });
    },
  );

  test.each(['evil.test/path', 'user@evil.test', 'http://evil.test', 'ev il', 'evil.test:1:2'])(
    'huawei-swr-enterprise refuses an instance with the address %j',
    async (access_address) => {
      const world = await open();
      const { http } = canned(() => ({ access_address, status: 'Running' }));
      const issuing = huaweiSwrEnterprise.issue({ ...world.call(), http }, { label: labelled() });
      await expect(issuing).rejects.toMatchObject({ code: 'bad-answer' });
    },
  );

  test.each(['instanceId', 'projectId'])(
    'huawei-swr-enterprise reports an unknown instance or project (%s)',
    async (key) => {
      const world = await open();
      const call = world.call({
        params: { [key]: key === 'instanceId' ? randomUUID() : 'f'.repeat(32) },
      });
      const error = await huaweiSwrEnterprise.check(call).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: key === 'instanceId' ? 'not-found' : 'forbidden' });
    },
  );
});

describe('huawei-swr-enterprise: a credential', () => {
  test('huawei-swr-enterprise takes the longest label as a name', async () => {
    const world = await open();
    const label = formatLabel(
      'a-b-c-d-e-f',
      'arn:aws:secretsmanager:eu-central-1:000000000000:secret:x',
      randomUUID(),
    );
    expect(label.length).toBeLessThanOrEqual(64);
    await world.issue(label);
    expect(world.vendor.credentials()).toMatchObject([{ label }]);
  });

  test('huawei-swr-enterprise accepts the username of the previous credential', async () => {
    const world = await open();
    world.vendor.behaviour.oneUsername = true;
    const [first, second] = [await world.issue(), await world.issue()];
    expect(first.username).toBe(second.username);
    await huaweiSwrEnterprise.revoke(world.call(), first);
    expect([await world.verdict(first), await world.verdict(second)]).toEqual([
      'refused',
      'accepted',
    ]);
  });

  test('huawei-swr-enterprise reports a conflict if the name is taken', async () => {
    const world = await open();
    const label = labelled();
    await world.issue(label);
    await expect(world.issue(label)).rejects.toMatchObject({ code: 'conflict', retryable: true });
  });

  test.each([
    ['no user', { user_id: undefined }, 1],
    ['a user with a colon', { user_id: 'a:b' }, 1],
    ['an empty token', { auth_token: '' }, 1],
    ['a number for a token', { auth_token: 7 }, 1],
    ['no id', { token_id: undefined }, 0],
    ['an id that is a path', { token_id: '../..' }, 0],
  ])(
    'huawei-swr-enterprise fails on an answer with %s, and deletes one with an id',
    async (_what, change, deletions) => {
      const world = await open();
      const { http, requests } = canned(({ method }) =>
        method === 'GET'
          ? { access_address: 'a.test', status: 'Running' }
          : { ...created, ...change },
      );
      const issuing = huaweiSwrEnterprise.issue({ ...world.call(), http }, { label: labelled() });
      await expect(issuing).rejects.toMatchObject({
        code: 'bad-answer',
        message: expect.not.stringContaining('CANARY'),
      });
      expect(requests.filter(({ method }) => method === 'DELETE')).toHaveLength(deletions);
    },
  );
});

describe('huawei-swr-enterprise: the list', () => {
  const token = (number: number, more = {}) => ({
    token_id: `id-${number}`,
    name: `${prefix}${number}`,
    enable: true,
    ...more,
  });

  /** The credentials found in these pages, and the requested pages. */
  async function find(pages: (offset: number) => unknown) {
    const world = await open();
    const { http, requests } = canned(({ url }) =>
      pages(Number(new URL(url).searchParams.get('offset'))),
    );
    const found = await huaweiSwrEnterprise.find({ ...world.call(), http }, { prefix });
    return { found, queries: requests.map(({ url }) => new URL(url).search) };
  }

  test('huawei-swr-enterprise sends offset and limit together, to the end', async () => {
    const { found, queries } = await find((offset) => ({ total: 3, auth_tokens: [token(offset)] }));
    expect(found.map(({ id }) => id)).toEqual(['id-0', 'id-1', 'id-2']);
    expect(queries).toEqual(['?offset=0&limit=100', '?offset=1&limit=100', '?offset=2&limit=100']);
  });

  test('huawei-swr-enterprise leaves out disabled and nameless credentials of a list', async () => {
    expect((await find(() => ({ total: 0, auth_tokens: null }))).found).toEqual([]);
    const auth_tokens = [
      token(1, { name: null }),
      token(2, { enable: false }),
      token(3, { enable: undefined }),
    ];
    expect((await find(() => ({ total: 3, auth_tokens }))).found).toEqual([
      { id: 'id-3', label: `${prefix}3` },
    ]);
  });

  test.each([
    ['brings the same page again', () => ({ total: 99, auth_tokens: [token(1)] })],
    [
      'brings an empty page before its end',
      (offset: number) => ({ total: 99, auth_tokens: offset === 0 ? [token(1)] : [] }),
    ],
    [
      'has an id that is a path',
      () => ({ total: 1, auth_tokens: [token(1, { token_id: '../x' })] }),
    ],
    ['has no total', () => ({ auth_tokens: [token(1)] })],
  ])('huawei-swr-enterprise refuses a list that %s', async (_what, pages) => {
    await expect(find(pages)).rejects.toMatchObject({ code: 'bad-answer', retryable: true });
  });

  test('huawei-swr-enterprise lists the credentials of the admin’s own user alone', async () => {
    const world = await open();
    world.vendor.plant(labelled(), 'another-user');
    const { id } = await world.issue();
    expect(await huaweiSwrEnterprise.find(world.call(), { prefix })).toMatchObject([{ id }]);
  });
});

describe('huawei-swr-enterprise: the access key', () => {
  test('huawei-swr-enterprise distinguishes a wrong key from a missing right', async () => {
    const world = await open();
    const admin = { ...JSON.parse(world.vendor.admin), secretKey: 'wrong' };
    await expect(huaweiSwrEnterprise.check(world.call({ admin }))).rejects.toMatchObject({
      code: 'admin-refused',
    });
    const late = {
      ...world.call(),
      now: () => new Date(world.clock.now().getTime() - 16 * MINUTE),
    };
    await expect(huaweiSwrEnterprise.check(late)).rejects.toMatchObject({
      code: 'admin-refused',
      message: expect.stringMatching(/secretKey.*clock/),
    });
    world.vendor.behaviour.privileged = false;
    await expect(huaweiSwrEnterprise.check(world.call())).rejects.toMatchObject({
      code: 'forbidden',
      retryable: false,
    });
  });

  test('huawei-swr-enterprise signs with the time of the call', async () => {
    const world = await open();
    for (const skew of [-14 * MINUTE, 14 * MINUTE]) {
      await huaweiSwrEnterprise.check({
        ...world.call(),
        now: () => new Date(world.clock.now().getTime() + skew),
      });
    }
    world.clock.advance(9 * HOUR);
    await huaweiSwrEnterprise.check(world.call());
  });

  test('huawei-swr-enterprise accepts a temporary access key', async () => {
    const world = await open();
    const { http, requests } = canned(() => ({ total: 0 }));
    const admin = { ...JSON.parse(world.vendor.admin), securityToken: 'x'.repeat(5000) };
    await huaweiSwrEnterprise.find({ ...world.call({ admin }), http }, { prefix });
    expect(requests[0]?.headers).toMatchObject({
      'x-security-token': admin.securityToken,
      authorization: expect.stringContaining(
        'SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token,',
      ),
    });
  });
});

test('huawei-swr-enterprise checks the rights without changing anything', async () => {
  const world = await open();
  await huaweiSwrEnterprise.check(world.call());
  expect(world.vendor.requests.every((line) => line.startsWith('GET '))).toBe(true);
});

test('huawei-swr-enterprise makes three API calls for a rotation', async () => {
  const world = await open();
  await huaweiSwrEnterprise.find(world.call(), { prefix });
  await world.verdict(await world.issue());
  const { projectId, instanceId } = world.vendor.params;
  const instance = `/v2/${projectId}/instances/${instanceId}`;
  expect(world.vendor.requests).toEqual([
    `GET ${instance}/long-term-credentials`,
    `GET ${instance}`,
    `POST ${instance}/long-term-credential`,
    'GET /v2/',
    'GET /service/token',
    'GET /service/token',
  ]);
});

test.each(['APIGW.0301', 'APIG.0301', 'APIGW.0303', 'APIG.0303'])(
  'huawei-swr-enterprise reads the code %s as a refused signature, or a wrong clock',
  async (error_code) => {
    const world = await open();
    world.vendor.faults.next(/^GET/, {
      status: 401,
      body: JSON.stringify({ error_code, error_msg: 'expired' }),
    });
    await expect(huaweiSwrEnterprise.check(world.call())).rejects.toMatchObject({
      code: 'admin-refused',
      message: expect.stringMatching(/secretKey.*clock/),
    });
  },
);

test.each([
  ['a project that is a name', { projectId: 'ap-southeast-3' }],
  ['an instance that is no UUID', { instanceId: 'acme' }],
  ['a region with a slash', { region: 'eu/1' }],
  ['a suffix with a scheme', { suffix: 'https://evil.test' }],
  ['a suffix with a port', { suffix: 'evil.test:80' }],
  ['a suffix of one word', { suffix: 'localhost' }],
])('huawei-swr-enterprise refuses parameters with %s', (_what, change) => {
  const { params } = createSimulatedHuaweiEnterprise({
    clock: { now: () => new Date(), sleep: async () => {} },
  });
  expect(huaweiSwrEnterprise.params.safeParse({ ...params, ...change }).success).toBe(false);
});

const created = { token_id: randomUUID(), user_id: 'user', auth_token: 'CANARY' };

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
