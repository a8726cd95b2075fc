import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { basicAuth } from '../../lib/core/login.ts';
import { labelled, openWorld, prefix, testProvider } from '../../lib/kit/testing/index.ts';
import { deepgram } from '../../lib/providers/deepgram.ts';
import { createSimulatedDeepgram } from '../../lib/sandbox/vendors/deepgram/index.ts';

const subject = {
  provider: deepgram,
  vendor: createSimulatedDeepgram,
  create: /^POST .*\/credentials$/,
  list: /^GET .*\/credentials$/,
  remove: /^DELETE .*\/credentials\/[^/]+$/,
};
const open = () => openWorld(subject);

testProvider('deepgram', subject);

describe('deepgram: the answer to a create', () => {
  test.each([true, false])(
    'deepgram reads the secret at either place in the answer (wrapped: %s)',
    async (wrapped) => {
      const world = await open();
      world.vendor.behaviour.wrapped = wrapped;
      const credential = await world.issue();
      expect(credential.username).toBe(`deepgram+${credential.id}`);
      expect(await world.verdict(credential)).toBe('accepted');
    },
  );

  test('deepgram leaves nothing alive after a wrapped answer without the secret', async () => {
    const world = await open();
    world.vendor.behaviour.wrapped = true;
    world.vendor.behaviour.secretless = true;
    await expect(world.issue()).rejects.toMatchObject({ code: 'bad-answer' });
    expect(world.vendor.credentials()).toMatchObject([{ state: 'deleted' }]);
  });

  const id = randomUUID();
  const whole = { distribution_credentials_id: id, username: `deepgram+${id}`, secret: 'CANARY' };
  test.each([
    ['a number for a secret', { ...whole, secret: 7 }, 1],
    ['an empty secret', { ...whole, secret: '' }, 1],
    ['null for a secret', { ...whole, secret: null }, 1],
    ['no username', { ...whole, username: undefined }, 1],
    ['no id', { ...whole, distribution_credentials_id: undefined }, 0],
    ['an id that is a path', { ...whole, distribution_credentials_id: '../..' }, 0],
    ['nothing at all', {}, 0],
  ])(
    'deepgram fails on an answer with %s, and deletes a credential that has an id',
    async (_what, body, deletions) => {
      const world = await open();
      world.vendor.faults.next(subject.create, { status: 200, body: JSON.stringify(body) });
      await expect(world.issue()).rejects.toMatchObject({
        code: 'bad-answer',
        message: expect.not.stringContaining('CANARY'),
      });
      expect(world.count(subject.remove)).toBe(deletions);
    },
  );
});

describe('deepgram: deleting', () => {
  test.each([400, 404] as const)(
    'deepgram treats revoking an unknown id as success if Deepgram answers %s',
    async (unknownId) => {
      const world = await open();
      world.vendor.behaviour.unknownId = unknownId;
      const credential = await world.issue();
      await deepgram.revoke(world.call(), credential);
      await deepgram.revoke(world.call(), credential);
      expect(world.alive()).toEqual([]);
    },
  );

  test('deepgram fails to revoke after a 400 if the list still shows the credential', async () => {
    const world = await open();
    const credential = await world.issue();
    world.vendor.faults.next(subject.remove, { status: 400 });
    await expect(deepgram.revoke(world.call(), credential)).rejects.toMatchObject({
      code: 'rejected',
    });
    expect(world.alive()).toEqual([credential.id]);
  });

  test('deepgram fails to revoke after a 400 if the list cannot be read', async () => {
    const world = await open();
    const credential = await world.issue();
    world.vendor.faults.next(subject.remove, { status: 400 });
    world.vendor.faults.next(subject.list, { status: 500 }, 9);
    await expect(deepgram.revoke(world.call(), credential)).rejects.toMatchObject({
      code: 'provider-failed',
    });
  });
});

describe('deepgram: rights', () => {
  test.each(['modern', 'legacy', 'text'] as const)(
    'deepgram recognizes a missing right by the status alone (body: %s)',
    async (errorBody) => {
      const world = await open();
      world.vendor.behaviour.errorBody = errorBody;
      world.vendor.behaviour.mayWrite = false;
      await expect(world.issue()).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('keys:write'),
      });
      const elsewhere = world.call({ params: { projectId: randomUUID() } });
      await expect(deepgram.find(elsewhere, { prefix })).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('projectId'),
      });
      const refused = world.call({ admin: { apiKey: 'wrong' } });
      await expect(deepgram.find(refused, { prefix })).rejects.toMatchObject({
        code: 'admin-refused',
        message: expect.stringContaining('admin secret'),
      });
    },
  );

  test('deepgram finds its credentials with a key that sees only its own', async () => {
    const world = await open();
    world.vendor.behaviour.readsAll = false;
    world.vendor.plant(labelled());
    const { id } = await world.issue();
    expect(await deepgram.find(world.call(), { prefix })).toMatchObject([{ id }]);
  });

  test('deepgram takes the key as JSON or as plain text', async () => {
    const world = await open();
    const { apiKey } = JSON.parse(world.vendor.admin) as { apiKey: string };
    for (const admin of [{ apiKey }, { token: apiKey }])
      expect(await deepgram.find(world.call({ admin }), { prefix })).toEqual([]);
  });
});

describe('deepgram: the registry', () => {
  test('deepgram issues for quay.io unless the wiring replaces the registry', async () => {
    const world = await open();
    expect(
      await deepgram.issue({ ...world.call(), registry: undefined }, { label: labelled() }),
    ).toMatchObject({
      registry: 'quay.io',
    });
    expect(deepgram.registry).toBe('quay.io');
  });

  test('deepgram issues logins that may pull the images of their scopes', async () => {
    const world = await open();
    const credential = await deepgram.issue(
      world.call({ params: { scopes: ['self-hosted:product:api'] } }),
      {
        label: labelled(),
      },
    );
    const authorization = basicAuth(credential);
    const scope =
      'scope=repository:deepgram/self-hosted-api:pull,push&' +
      'scope=repository:deepgram/self-hosted-engine:pull';
    const answer = await fetch(`http://${credential.registry}/v2/auth?${scope}`, {
      headers: { authorization },
    });
    const { token } = (await answer.json()) as { token: string };
    expect(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
    ).toMatchObject({
      access: [{ actions: ['pull'] }, { actions: [] }],
    });
  });
});

test('deepgram makes two API calls for a rotation, and three to a new registry', async () => {
  const world = await open();
  await deepgram.find(world.call(), { prefix });
  await world.verdict(await world.issue());
  expect(world.vendor.requests.map((line) => line.replace(/[0-9a-f-]{36}/, 'ID'))).toEqual([
    'GET /v1/projects/ID/self-hosted/distribution/credentials',
    'POST /v1/projects/ID/self-hosted/distribution/credentials',
    'GET /v2/',
    'GET /v2/auth',
    'GET /v2/auth',
  ]);
});

test('deepgram requests the two images that every installation needs by default', () => {
  const scopes = ['self-hosted:product:api', 'self-hosted:product:engine'];
  expect(deepgram.params.parse({ projectId: randomUUID() })).toMatchObject({ scopes });
});

test.each([false, true])(
  'deepgram deletes a credential with more scopes than requested (wrapped: %s)',
  async (wrapped) => {
    const world = await open();
    Object.assign(world.vendor.behaviour, { grantsAll: true, wrapped });
    await expect(world.issue()).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('more scopes'),
    });
    expect(world.alive()).toEqual([]);
  },
);

test('deepgram accepts a request for all products', async () => {
  const world = await open();
  Object.assign(world.vendor.behaviour, { grantsAll: true });
  const { projectId } = world.vendor.params;
  const params = { projectId, scopes: ['self-hosted:products'] };
  expect(
    await world.verdict(await deepgram.issue(world.call({ params }), { label: labelled() })),
  ).toBe('accepted');
});

test.each([
  ['no scopes', { scopes: [] }],
  ['an old name of a scope', { scopes: ['onprem:products'] }],
  ['a project that is no UUID', { projectId: 'my-project' }],
])('deepgram refuses parameters with %s', (_what, change) => {
  expect(deepgram.params.safeParse({ projectId: randomUUID(), ...change }).success).toBe(false);
});
