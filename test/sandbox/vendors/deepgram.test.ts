import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HOUR } from '../../../lib/core/time.ts';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import { providers } from '../../../lib/providers/index.ts';
import { createSimulatedDeepgram } from '../../../lib/sandbox/vendors/deepgram/index.ts';
import { vendors } from '../../../lib/sandbox/vendors/index.ts';
import { openVendor } from './open.ts';

interface Created {
  distribution_credentials_id: string;
  username: string;
  secret: string;
}

async function open() {
  const opened = await openVendor(createSimulatedDeepgram, 'Token simulated-deepgram-api-key');
  const { projectId } = opened.vendor.params;
  const path = `/v1/projects/${projectId}/self-hosted/distribution/credentials`;
  const body = { provider: 'quay', comment: 'mine', scopes: ['self-hosted:products'] };
  const create = (change: object = {}) => opened.ask('POST', path, { ...body, ...change });
  return { ...opened, path, create, made: async () => (await create()).body as Created };
}
const modern = (status: number, category: string) => ({
  status,
  body: {
    category,
    message: expect.any(String),
    details: expect.any(String),
    request_id: expect.any(String),
  },
});

describe('the simulated Deepgram', () => {
  test('answers a create with a bare object, and shows the secret only there', async () => {
    const { create, ask, path, login } = await open();
    const { status, body } = await create();
    const { distribution_credentials_id: id, username, secret } = body as Created;
    expect(status).toBe(200);
    expect(username).toBe(`deepgram+${id}`);
    expect(await login(username, secret)).toBe(200);
    const entry = {
      member: { member_id: expect.any(String), email: 'admin@example.test' },
      distribution_credentials: {
        distribution_credentials_id: id,
        provider: 'quay',
        comment: 'mine',
        scopes: ['self-hosted:products'],
        created: '2030-01-01T00:00:00.000Z',
      },
    };
    expect((await ask('GET', path)).body).toEqual({ distribution_credentials: [entry] });
    expect((await ask('GET', `${path}/${id}`)).body).toEqual(entry);
  });

  test('can wrap its answer', async () => {
    const { vendor, made } = await open();
    vendor.behaviour.wrapped = true;
    expect(await made()).toMatchObject({
      member: expect.any(Object),
      distribution_credentials: { username: expect.any(String), secret: expect.any(String) },
    });
  });

  test('creates a second credential with the same comment', async () => {
    const { vendor, made } = await open();
    expect((await made()).username).not.toBe((await made()).username);
    expect(vendor.credentials()).toHaveLength(2);
  });

  test('reads only the body, and requires all of it', async () => {
    const { ask, path, create } = await open();
    expect(
      await ask('POST', `${path}?provider=quay&scopes=self-hosted:products`, { comment: 'mine' }),
    ).toMatchObject(modern(400, 'INVALID_JSON'));
    for (const change of [
      { provider: 'docker' },
      { comment: undefined },
      { scopes: ['onprem:products'] },
      { scopes: undefined },
    ]) {
      expect(await create(change)).toMatchObject(modern(400, 'INVALID_JSON'));
    }
    expect(await ask('POST', path, 'comment=mine')).toMatchObject(modern(400, 'INVALID_JSON'));
    expect((await create({ tags: ['staging'] })).status).toBe(200);
  });

  test('deletes permanently, and answers an unknown id with the configured status', async () => {
    const { vendor, ask, path, made, login } = await open();
    const { distribution_credentials_id: id, username, secret } = await made();
    expect((await ask('DELETE', `${path}/${id}`)).body).toEqual({
      message: 'Successfully deleted the distribution credentials!',
    });
    expect(await login(username, secret)).toBe(401);
    expect(await ask('DELETE', `${path}/${id}`)).toMatchObject(modern(404, 'NOT_FOUND'));
    vendor.behaviour.unknownId = 400;
    expect(await ask('DELETE', `${path}/${id}`)).toMatchObject(modern(400, 'INVALID_JSON'));
    expect(await ask('GET', `${path}/${id}`)).toMatchObject(modern(400, 'INVALID_JSON'));
  });

  test('lists credentials of others too, or only the caller’s own', async () => {
    const { vendor, ask, path, made } = await open();
    const stranger = vendor.plant('');
    const { distribution_credentials_id: own } = await made();
    const ids = async () => {
      const { distribution_credentials: list } = (await ask('GET', path)).body as {
        distribution_credentials: { distribution_credentials: Created }[];
      };
      return list.map(
        ({ distribution_credentials }) => distribution_credentials.distribution_credentials_id,
      );
    };
    expect(await ids()).toEqual([stranger.id, own]);
    expect((await ask('GET', `${path}/${stranger.id}`)).body).toMatchObject({
      member: { email: 'stranger@example.test' },
      distribution_credentials: expect.not.objectContaining({ comment: expect.anything() }),
    });
    vendor.behaviour.readsAll = false;
    expect(await ids()).toEqual([own]);
    expect(await ask('GET', `${path}/${stranger.id}`)).toMatchObject(modern(404, 'NOT_FOUND'));
  });

  test('has three forms of error bodies', async () => {
    const { vendor, ask, path } = await open();
    const elsewhere = path.replace(/projects\/[^/]+/, `projects/${randomUUID()}`);
    const wrong = () =>
      ask('GET', path, undefined, { authorization: 'Bearer simulated-deepgram-api-key' });
    expect(await wrong()).toMatchObject(modern(401, 'INVALID_AUTH'));
    expect(await ask('GET', elsewhere)).toMatchObject(modern(404, 'NOT_FOUND'));
    expect(await ask('GET', '/v1/elsewhere')).toMatchObject(modern(404, 'NOT_FOUND'));
    vendor.behaviour.errorBody = 'legacy';
    expect(await wrong()).toMatchObject({
      status: 401,
      body: { err_code: 'INVALID_AUTH', err_msg: 'Invalid credentials.' },
    });
    vendor.behaviour.errorBody = 'text';
    expect(await wrong()).toMatchObject({
      status: 401,
      body: 'Invalid credentials. Check your API key.',
    });
  });

  test('allows only reads to a key without keys:write', async () => {
    const { vendor, ask, path, create, made } = await open();
    const { distribution_credentials_id: id } = await made();
    vendor.behaviour.mayWrite = false;
    expect(await create()).toMatchObject(modern(403, 'UNAUTHORIZED'));
    expect(await ask('DELETE', `${path}/${id}`)).toMatchObject(modern(403, 'UNAUTHORIZED'));
    expect((await ask('GET', path)).status).toBe(200);
  });

  test('uses a Quay as its registry', async () => {
    const { registry, vendor, made } = await open();
    vendor.behaviour.delays.create = HOUR;
    const { username, secret } = await made();
    const start = await fetch(`http://${registry}/v2/`);
    expect([start.status, await start.text()]).toEqual([401, 'true']);
    expect(start.headers.get('www-authenticate')).toBe(
      `Bearer realm="http://${registry}/v2/auth",service="quay.io"`,
    );
    const authorization = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
    const answer = await fetch(`http://${registry}/v2/auth?service=quay.io`, {
      headers: { authorization },
    });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED', detail: {} }] });
  });
});

test('every provider has a simulated vendor with a valid admin secret and parameters', () => {
  expect(Object.keys(vendors)).toEqual(Object.keys(providers));
  for (const [name, create] of Object.entries(vendors)) {
    const vendor = create({ clock: manualClock() });
    expect(vendor.provider).toBe(name);
    expect(providers[name]?.name).toBe(name);
    expect(providers[name]?.params.safeParse(vendor.params).success).toBe(true);
    expect(providers[name]?.admin.safeParse(JSON.parse(vendor.admin)).success).toBe(true);
  }
});
