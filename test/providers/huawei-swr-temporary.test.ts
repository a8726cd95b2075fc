import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, plus } from '../../lib/core/time.ts';
import { labelled, openWorld, testProvider, type World } from '../../lib/kit/testing/index.ts';
import { huaweiSwrTemporary } from '../../lib/providers/huawei-swr-temporary.ts';
import { createSimulatedHuaweiTemporary } from '../../lib/sandbox/vendors/huawei/index.ts';

const subject = {
  provider: huaweiSwrTemporary,
  vendor: createSimulatedHuaweiTemporary,
  create: /^POST .*\/utils\/secret$/,
  list: /^GET .*\/secrets$/,
  remove: /^DELETE .*\/secret$/,
  admin: (secretKey: unknown) => ({ accessKey: 'AKEXAMPLE00000000009', secretKey }),
};
const open = () => openWorld(subject);
type Opened = Awaited<ReturnType<typeof open>>;
const issue = (world: Opened, params: Record<string, unknown>) =>
  huaweiSwrTemporary.issue(world.call({ params }), { label: labelled() });

testProvider('huawei-swr-temporary', subject);

describe('huawei-swr-temporary: a login', () => {
  test('huawei-swr-temporary issues for the region’s project, for six hours', async () => {
    const world = await open();
    const credential = await world.issue();
    expect(credential).toMatchObject({
      username: expect.stringMatching(/^ap-southeast-3@[0-9A-F]{20}$/),
    });
    expect(credential.expiresAt).toEqual(plus(world.clock.now(), 6 * HOUR));
    expect(huaweiSwrTemporary.revoke).toBeUndefined();
  });

  test('huawei-swr-temporary issues an authorizationtoken for a day', async () => {
    const world = await open();
    const kind = 'authorizationtoken';
    const [first, second] = [await issue(world, { kind }), await issue(world, { kind })];
    expect(first.expiresAt).toEqual(plus(world.clock.now(), DAY));
    expect(first.username).toBe(second.username);
    expect(first.id).not.toBe(second.id);
    expect(await world.verdict(first)).toBe('accepted');
    expect(world.vendor.requests).toContain('POST /v2/manage/utils/authorizationtoken');
  });

  test('huawei-swr-temporary derives an id that reveals nothing of the login', async () => {
    const world = await open();
    const { id, username, password } = await world.issue();
    expect(id).toBe(
      createHash('sha256').update(`${username}:${password.reveal()}`).digest('hex').slice(0, 32),
    );
  });

  test('huawei-swr-temporary issues for the requested duration, or the returned one', async () => {
    const world = await open();
    expect((await issue(world, { durationSeconds: 86_400 })).expiresAt).toEqual(
      plus(world.clock.now(), DAY),
    );
    world.vendor.behaviour.takesDurations = false;
    const credential = await issue(world, { durationSeconds: 86_400 });
    expect(credential.expiresAt).toEqual(plus(world.clock.now(), 6 * HOUR));
    world.clock.advance(6 * HOUR);
    expect(await world.verdict(credential)).toBe('refused');
  });

  test.each([
    [{}, 6 * HOUR],
    [{ durationSeconds: 900 }, 15 * MINUTE],
    [{ kind: 'authorizationtoken' }, DAY],
  ])(
    'huawei-swr-temporary limits the interval and grace to the lifetime of %j',
    async (change, lifetime) => {
      const world = await open();
      expect(huaweiSwrTemporary.lifetime?.(world.call({ params: change }).params)).toBe(lifetime);
    },
  );

  test('huawei-swr-temporary sends a duration only if the parameters have one', async () => {
    const world = await open();
    const paths: string[] = [];
    for (const params of [
      {},
      { durationSeconds: 900 },
      { projectName: 'ap-southeast-3_dev' },
      { kind: 'authorizationtoken' },
    ]) {
      const call = world.call({ params });
      const send = (request: Parameters<typeof call.http.send>[0]) => {
        paths.push(request.url.replace(call.endpoint, ''));
        return Promise.reject(new Error('enough'));
      };
      await huaweiSwrTemporary
        .issue({ ...call, http: { send } }, { label: labelled() })
        .catch(() => {});
    }
    expect(paths).toEqual([
      '/v2/manage/utils/secret?projectname=ap-southeast-3',
      '/v2/manage/utils/secret?projectname=ap-southeast-3&duration_seconds=900',
      '/v2/manage/utils/secret?projectname=ap-southeast-3_dev',
      '/v2/manage/utils/authorizationtoken',
    ]);
  });
});

describe('huawei-swr-temporary: the answer', () => {
  const auth = Buffer.from('ap-southeast-3@TEMPAK000000000000000:CANARY').toString('base64');
  const host = 'swr.ap-southeast-3.myhuaweicloud.com';

  /** The credential that an answer results in. */
  const issued = (world: World, body: unknown, headers: Record<string, string> = {}) => {
    world.vendor.faults.next(subject.create, { status: 200, headers, body: JSON.stringify(body) });
    return world.issue();
  };

  test('huawei-swr-temporary reads the login from the body, not the command line', async () => {
    const world = await open();
    const headers = {
      'X-Swr-Dockerlogin': 'docker login -u wrong -p wrong wrong.test',
      'X-Swr-Expireat': '2030-01-01T05:46:07.811000Z',
    };
    const credential = await issued(world, { auths: { [host]: { auth } } }, headers);
    expect(credential).toMatchObject({
      username: 'ap-southeast-3@TEMPAK000000000000000',
      registry: host,
    });
    expect(credential.password.reveal()).toBe('CANARY');
    expect(credential.expiresAt).toEqual(new Date('2030-01-01T05:46:07.811Z'));
  });

  test.each([
    ['no time', undefined],
    ['a word', 'soon'],
    ['a time that has passed', '2029-12-31T23:59:59Z'],
    ['a time far beyond the lifetime', '2130-01-01T00:00:00Z'],
    ['a time without an offset', '2030-01-01 03:00:00'],
    ['a day', '2030-01-01'],
  ])(
    'huawei-swr-temporary assumes the full lifetime for an answer with %s as expiry',
    async (_what, end) => {
      const world = await open();
      const credential = await issued(
        world,
        { auths: { [host]: { auth } } },
        end === undefined ? {} : { 'x-swr-expireat': end },
      );
      expect(credential.expiresAt).toEqual(plus(world.clock.now(), 6 * HOUR));
    },
  );

  test.each([
    ['an earlier time', '2030-01-01T01:00:00Z', '2030-01-01T01:00:00Z'],
    ['a time in another zone', '2030-01-01T11:00:00+08:00', '2030-01-01T03:00:00Z'],
  ])('huawei-swr-temporary believes an answer with %s as expiry', async (_what, end, expected) => {
    const world = await open();
    const credential = await issued(
      world,
      { auths: { [host]: { auth } } },
      { 'x-swr-expireat': end },
    );
    expect(credential.expiresAt).toEqual(new Date(expected));
  });

  test.each([
    ['no login', {}],
    ['a login without a password', { [host]: { auth: Buffer.from('user:').toString('base64') } }],
    ['a login without a colon', { [host]: { auth: Buffer.from('CANARY').toString('base64') } }],
    ['no text', { [host]: { auth: 7 } }],
    ['a URL for a host', { 'https://evil.test/path': { auth } }],
    ['a user in front of the host', { 'user@evil.test': { auth } }],
  ])('huawei-swr-temporary fails on an answer with %s', async (_what, auths) => {
    const world = await open();
    await expect(issued(world, { auths })).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.not.stringContaining('CANARY'),
    });
  });
});

describe('huawei-swr-temporary: checking', () => {
  test('huawei-swr-temporary checks without issuing or listing organizations', async () => {
    const world = await open();
    await huaweiSwrTemporary.check(world.call());
    world.vendor.behaviour.privileged = false;
    await huaweiSwrTemporary.check(world.call());
    expect(world.vendor.requests).toEqual([
      'GET /v2/manage/namespaces',
      'GET /v2/manage/namespaces',
    ]);
    expect(world.vendor.credentials()).toEqual([]);
  });

  test('huawei-swr-temporary reports a wrong access key in its check', async () => {
    const world = await open();
    const call = world.call({ admin: subject.admin('wrong') });
    await expect(huaweiSwrTemporary.check(call)).rejects.toMatchObject({ code: 'admin-refused' });
  });

  test('huawei-swr-temporary reports a failing region in its check', async () => {
    const world = await open();
    world.vendor.faults.next(/^GET/, { status: 500 }, 9);
    await expect(huaweiSwrTemporary.check(world.call())).rejects.toMatchObject({
      code: 'provider-failed',
    });
  });
});

test('huawei-swr-temporary makes one API call for a rotation', async () => {
  const world = await open();
  await world.verdict(await world.issue());
  expect(world.vendor.requests).toEqual([
    'POST /v2/manage/utils/secret',
    'GET /v2/',
    'GET /swr/auth/v2/registry/auth/',
    'GET /swr/auth/v2/registry/auth/',
  ]);
});

test('huawei-swr-temporary distinguishes a wrong organization and password', async () => {
  const world = await open();
  const { createRegistryCheck } = await import('../../lib/registry/check.ts');
  const { registry, username, password } = await world.issue();
  const verdict = async (repository: string) => {
    const question = {
      registry,
      username,
      password,
      realms: [],
      access: { repository, actions: ['pull'] },
    };
    return (
      await createRegistryCheck({ http: world.call().http, now: world.clock.now }).check(
        question,
        new AbortController().signal,
      )
    ).outcome;
  };
  expect([await verdict('team/app'), await verdict('nobody/app')]).toEqual([
    'accepted',
    'lacks-rights',
  ]);
});

test.each([
  ['a duration of a minute', { durationSeconds: 60 }],
  ['a duration of two days', { durationSeconds: 172_800 }],
  ['a duration in text', { durationSeconds: '900' }],
  ['a duration of a token that lives a day', { kind: 'authorizationtoken', durationSeconds: 900 }],
  ['an unknown kind', { kind: 'permanent' }],
  ['a project with a query', { projectName: 'a&b=c' }],
])('huawei-swr-temporary refuses parameters with %s', (_what, change) => {
  expect(huaweiSwrTemporary.params.safeParse({ region: 'cn-north-4', ...change }).success).toBe(
    false,
  );
});
