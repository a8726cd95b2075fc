import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labelled, openWorld, prefix, testProvider } from '../../lib/kit/testing/index.ts';
import { located } from '../../lib/providers/huawei/api.ts';
import { huaweiSwrAccessKey } from '../../lib/providers/huawei-swr-access-key.ts';
import {
  createSimulatedHuaweiAccessKey,
  type SimulatedHuawei,
} from '../../lib/sandbox/vendors/huawei/index.ts';
import type { VendorOptions } from '../../lib/sandbox/vendors/index.ts';

const subject = {
  provider: huaweiSwrAccessKey,
  vendor: createSimulatedHuaweiAccessKey,
  create: /^POST .*\/credentials$/,
  list: /^GET .*\/credentials$/,
  remove: /^DELETE .*\/credentials\/[^/]+$/,
  update: /^PUT .*\/credentials\/[^/]+$/,
  admin: (secretKey: unknown) => ({ accessKey: 'AKEXAMPLE00000000009', secretKey }),
};
const open = () => openWorld(subject);

/** The contract has more than two credentials at once. */
function roomy(options: VendorOptions): SimulatedHuawei {
  const vendor = createSimulatedHuaweiAccessKey(options);
  vendor.behaviour.keyLimit = 1000;
  return vendor;
}
testProvider('huawei-swr-access-key', { ...subject, vendor: roomy });

interface Facts {
  regions: Record<string, string>;
  logins: {
    project: string;
    accessKey: string;
    secretKey: string;
    username: string;
    password: string;
  }[];
}
const facts = JSON.parse(
  readFileSync(new URL('huawei-facts.json', import.meta.url), 'utf8'),
) as Facts;

describe('huawei-swr-access-key: a login', () => {
  test.each(facts.logins)(
    'huawei-swr-access-key computes the login from the key, for project $project',
    async ({ project, ...known }) => {
      const world = await open();
      const credential = { access: known.accessKey, secret: known.secretKey, status: 'active' };
      world.vendor.faults.next(subject.create, {
        status: 201,
        body: JSON.stringify({ credential }),
      });
      const login = await huaweiSwrAccessKey.issue(world.call({ params: { region: project } }), {
        label: labelled(),
      });
      expect(login).toMatchObject({ id: known.accessKey, username: known.username });
      expect(login.password.reveal()).toBe(known.password);
    },
  );

  test('huawei-swr-access-key issues a login to another project of the region', async () => {
    const world = await open();
    const call = world.call({ params: { projectName: 'ap-southeast-3_dev' } });
    const { username, id } = await huaweiSwrAccessKey.issue(call, { label: labelled() });
    expect(username).toBe(`ap-southeast-3_dev@${id}`);
  });

  test.each([
    [{}, 'swr.ap-southeast-3.myhuaweicloud.com'],
    [{ region: 'eu-west-101' }, 'swr.eu-west-101.myhuaweicloud.eu'],
    [{ region: 'eu-de', suffix: 'otc.t-systems.com' }, 'swr.eu-de.otc.t-systems.com'],
  ])(
    'huawei-swr-access-key issues a login with %j at the registry of the region',
    async (params, registry) => {
      const world = await open();
      const call = { ...world.call({ params }), registry: huaweiSwrAccessKey.registry };
      expect(await huaweiSwrAccessKey.issue(call, { label: labelled() })).toMatchObject({
        registry,
      });
    },
  );
});

describe('huawei-swr-access-key: the two keys of a user', () => {
  test('huawei-swr-access-key uses both keys during a rotation, and never a third', async () => {
    const world = await open();
    const [first] = [await world.issue(), await world.issue()];
    await expect(world.issue()).rejects.toMatchObject({
      code: 'quota',
      retryable: false,
      message: expect.stringContaining('a separate IAM user'),
    });
    expect(world.alive()).toHaveLength(2);
    await huaweiSwrAccessKey.enable?.(world.call(), first, false);
    await expect(world.issue()).rejects.toMatchObject({ code: 'quota' });
    await huaweiSwrAccessKey.revoke(world.call(), first);
    await world.issue();
  });

  test('huawei-swr-access-key leaves foreign keys alone', async () => {
    const world = await open();
    for (const label of ['', 'made by hand']) world.vendor.plant(label);
    expect(await huaweiSwrAccessKey.find(world.call(), { prefix })).toEqual([]);
    await expect(world.issue()).rejects.toMatchObject({ code: 'quota' });
    expect(world.alive()).toHaveLength(2);
    expect(world.count(/^(PUT|DELETE)/)).toBe(0);
  });

  test('huawei-swr-access-key checks the keys of the user before the first rotation', async () => {
    const world = await open();
    await huaweiSwrAccessKey.check(world.call());
    await world.issue();
    await huaweiSwrAccessKey.check(world.call());
    world.vendor.plant('made by hand');
    await expect(huaweiSwrAccessKey.check(world.call())).rejects.toMatchObject({
      code: 'quota',
      message: expect.stringContaining('a separate IAM user'),
    });
  });

  test('huawei-swr-access-key refuses to rotate the key that signs its calls', async () => {
    const world = await open();
    const { accessKey } = JSON.parse(world.vendor.admin) as { accessKey: string };
    const call = world.call({ params: { userId: '08d1a2b3c4d5e6f708192a3b4c5d6e7f' } });
    const own = {
      code: 'rejected',
      message: expect.stringContaining('use the key of another user'),
    };
    await expect(huaweiSwrAccessKey.check(call)).rejects.toMatchObject(own);
    await expect(huaweiSwrAccessKey.find(call, { prefix })).rejects.toMatchObject(own);
    await expect(huaweiSwrAccessKey.revoke(call, { id: accessKey })).rejects.toMatchObject(own);
    await expect(huaweiSwrAccessKey.enable?.(call, { id: accessKey }, false)).rejects.toMatchObject(
      own,
    );
    expect(world.count(/^(PUT|DELETE|POST)/)).toBe(0);
  });
});

describe('huawei-swr-access-key: errors', () => {
  test.each([
    ['of IAM', { error: { message: 'akSkNumExceed', code: 400, title: 'Bad Request' } }, 'quota'],
    ['of the gateway', { error_code: 'akSkNumExceed', error_msg: 'no' }, 'quota'],
    ['in a list', [{ errorCode: 'akSkNumExceed', errorMessage: 'no', detail: '' }], 'quota'],
    ['of a registry', { errors: [{ errorCode: 'akSkNumExceed', message: 'no' }] }, 'quota'],
    ['in a sentence', { error: { message: 'it is akSkNumExceed', code: 400 } }, 'rejected'],
    ['of a name that every object has', { error_code: 'constructor' }, 'rejected'],
    ['of another kind', { error: 'akSkNumExceed' }, 'rejected'],
    ['that is a number', 7, 'rejected'],
  ])('huawei-swr-access-key recognizes an error by its code %s', async (_what, body, code) => {
    const world = await open();
    world.vendor.faults.next(subject.create, { status: 400, body: JSON.stringify(body) });
    await expect(world.issue()).rejects.toMatchObject({ code });
  });

  test('huawei-swr-access-key names a missing right in its error', async () => {
    const world = await open();
    world.vendor.behaviour.privileged = false;
    const message = expect.stringContaining('Security Administrator');
    await expect(huaweiSwrAccessKey.check(world.call())).rejects.toMatchObject({
      code: 'forbidden',
      message,
    });
  });

  test('huawei-swr-access-key names the parameter in the error for an unknown user', async () => {
    const world = await open();
    const call = world.call({ params: { userId: 'f'.repeat(32) } });
    const message = expect.stringContaining('userId');
    await expect(huaweiSwrAccessKey.check(call)).rejects.toMatchObject({
      code: 'not-found',
      message,
    });
  });
});

test('huawei-swr-access-key sends the account of the parameters in each call', async () => {
  const world = await open();
  const sent: Readonly<Record<string, string>>[] = [];
  for (const params of [{}, { domainId: 'd0'.repeat(16) }]) {
    const call = world.call({ params });
    const http = {
      send: (request: Parameters<typeof call.http.send>[0]) => {
        sent.push(request.headers ?? {});
        return call.http.send(request);
      },
    };
    await huaweiSwrAccessKey.find({ ...call, http }, { prefix });
  }
  expect(
    sent.map((headers) => /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]),
  ).toEqual(['content-type;host;x-sdk-date', 'content-type;host;x-domain-id;x-sdk-date']);
});

test.each(Object.entries(facts.regions))('huawei: the API of region %s is %s', (region, api) => {
  expect(located('https://swr-api.{region}.{suffix}', { region })).toBe(api);
  const userId = '07609fb9358010e21f7bc003751c7c32';
  expect(huaweiSwrAccessKey.params.safeParse({ region, userId }).success).toBe(true);
});

test('huawei-swr-access-key calls the global address of IAM in the cloud of the region', () => {
  expect(located(huaweiSwrAccessKey.endpoint, { region: 'cn-north-4' })).toBe(
    'https://iam.myhuaweicloud.com',
  );
  expect(located(huaweiSwrAccessKey.endpoint, { region: 'eu-west-101' })).toBe(
    'https://iam.myhuaweicloud.eu',
  );
});

test('huawei-swr-access-key makes two calls to IAM for a rotation', async () => {
  const world = await open();
  await huaweiSwrAccessKey.find(world.call(), { prefix });
  await world.verdict(await world.issue());
  expect(world.vendor.requests).toEqual([
    'GET /v3.0/OS-CREDENTIAL/credentials',
    'POST /v3.0/OS-CREDENTIAL/credentials',
    'GET /v2/',
    'GET /swr/auth/v2/registry/auth/',
    'GET /swr/auth/v2/registry/auth/',
  ]);
});
