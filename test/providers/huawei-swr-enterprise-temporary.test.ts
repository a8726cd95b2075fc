import { describe, expect, test } from 'vitest';
import { DAY, plus } from '../../lib/core/time.ts';
import { openWorld, testProvider } from '../../lib/kit/testing/index.ts';
import { huaweiSwrEnterpriseTemporary } from '../../lib/providers/huawei-swr-enterprise-temporary.ts';
import { createSimulatedHuaweiEnterpriseTemporary } from '../../lib/sandbox/vendors/huawei/index.ts';

const subject = {
  provider: huaweiSwrEnterpriseTemporary,
  vendor: createSimulatedHuaweiEnterpriseTemporary,
  create: /^POST .*\/temp-credential$/,
  list: /^GET .*\/temp-credentials$/,
  remove: /^DELETE .*\/temp-credential$/,
  admin: (secretKey: unknown) => ({ accessKey: 'AKEXAMPLE00000000009', secretKey }),
};
const open = () => openWorld(subject);

testProvider('huawei-swr-enterprise-temporary', subject);

describe('huawei-swr-enterprise-temporary: a credential', () => {
  const whole = {
    token_id: 'id-1',
    user_id: 'user',
    auth_token: 'CANARY',
    created_at: '2030-01-01T00:00:00Z',
  };
  const answered = async (change: Record<string, unknown>) => {
    const world = await open();
    world.vendor.faults.next(subject.create, {
      status: 201,
      body: JSON.stringify({ ...whole, ...change }),
    });
    return { world, issuing: world.issue() };
  };

  test.each([
    ['the time that the answer says', '2030-01-01T12:00:00Z', new Date('2030-01-01T12:00:00Z')],
    ['a day, where the answer says nothing', undefined, undefined],
    ['a day, where the answer says nothing of use', 'permanent', undefined],
    ['a day, where the answer says a number', 7, undefined],
    ['a day, where the answer says a hundred years', '2130-01-01T00:00:00Z', undefined],
    ['a day, where the answer says it is over', '2029-01-01T00:00:00Z', undefined],
  ])(
    'huawei-swr-enterprise-temporary issues a credential that expires at %s',
    async (_what, expire_date, expected) => {
      const { world, issuing } = await answered({ expire_date });
      expect((await issuing).expiresAt).toEqual(expected ?? plus(world.clock.now(), DAY));
    },
  );

  test.each([
    ['no id', { token_id: undefined }],
    ['an id that is a path', { token_id: '../x' }],
    ['no user', { user_id: '' }],
    ['no token', { auth_token: null }],
  ])('huawei-swr-enterprise-temporary fails on an answer with %s', async (_what, change) => {
    const { issuing } = await answered(change);
    await expect(issuing).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.not.stringContaining('CANARY'),
    });
  });

  test('huawei-swr-enterprise-temporary cannot list, revoke or disable a credential', async () => {
    const world = await open();
    await world.issue();
    expect(huaweiSwrEnterpriseTemporary).not.toHaveProperty('revoke');
    expect(huaweiSwrEnterpriseTemporary).not.toHaveProperty('enable');
    expect(world.vendor.credentials()).toMatchObject([{ label: '' }]);
  });

  test('huawei-swr-enterprise-temporary waits for an instance that is not running', async () => {
    const world = await open();
    world.vendor.behaviour.instanceState = 'Creating';
    await expect(world.issue()).rejects.toMatchObject({ code: 'provider-failed' });
    expect(world.count(subject.create)).toBe(0);
  });
});

test('huawei-swr-enterprise-temporary checks the rights by reading the instance', async () => {
  const world = await open();
  await huaweiSwrEnterpriseTemporary.check(world.call());
  expect(world.vendor.requests.map((line) => line.split('/').length)).toEqual([5]);
});

test('huawei-swr-enterprise-temporary makes two API calls for a rotation', async () => {
  const world = await open();
  await world.verdict(await world.issue());
  const { projectId, instanceId } = world.vendor.params;
  expect(world.vendor.requests).toEqual([
    `GET /v2/${projectId}/instances/${instanceId}`,
    `POST /v2/${projectId}/instances/${instanceId}/temp-credential`,
    'GET /v2/',
    'GET /service/token',
    'GET /service/token',
  ]);
});
