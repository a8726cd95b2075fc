import { describe, expect, test } from 'vitest';
import type { Http, HttpRequest } from '../../lib/core/ports.ts';
import { addressOf, type Credential } from '../../lib/core/provider.ts';
import { DAY, MINUTE, plus } from '../../lib/core/time.ts';
import { createHttp } from '../../lib/http/client.ts';
import { LOOPBACK } from '../../lib/http/guard.ts';
import {
  labelled,
  manualClock,
  openWorld,
  prefix,
  testProvider,
} from '../../lib/kit/testing/index.ts';
import { harborRobot } from '../../lib/providers/harbor-robot.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import { createSimulatedHarbor } from '../../lib/sandbox/vendors/harbor/index.ts';

const subject = {
  provider: harborRobot,
  vendor: createSimulatedHarbor,
  create: /^POST .*\/robots$/,
  list: /^GET .*\/robots$/,
  remove: /^DELETE .*\/robots\/\d+$/,
  update: /^PUT .*\/robots\/\d+$/,
  admin: (password: unknown) => ({ username: 'rekey-admin', password }),
  anyPassword: true,
  unknownId: '999',
  place: {
    moves: [{ endpoint: 'https://other.example.com' }, { project: 'team-b' }],
    stays: [{ actions: ['pull', 'push'] }],
  },
};
const open = () => openWorld(subject);

testProvider('harbor-robot', subject);

/** An `Http` that keeps the query of each request. */
function watched(http: Http) {
  const requests: { method: string; query: URLSearchParams }[] = [];
  const send: Http['send'] = (request: HttpRequest) => {
    const { searchParams: query } = new URL(request.url);
    requests.push({ method: request.method, query });
    return http.send(request);
  };
  return { http: { send }, requests };
}

describe('harbor-robot', () => {
  test('harbor-robot takes the username from the answer, with any prefix', async () => {
    const world = await open();
    const label = labelled();
    expect((await world.issue(label)).username).toBe(`robot$team-a+${label}`);
    world.vendor.behaviour.robotPrefix = 'bot+';
    const other = labelled();
    const { id, username } = await world.issue(other);
    expect(username).toBe(`bot+team-a+${other}`);
    expect(await harborRobot.find(world.call(), { label: other })).toMatchObject([{ id }]);
  });

  test.each([
    ['a day and a minute', DAY + MINUTE, 2],
    ['a minute', MINUTE, 1],
    ['91 days', 91 * DAY, 91],
  ])('harbor-robot rounds an expiry in %s up to whole days', async (_what, life, days) => {
    const world = await open();
    const expiresAt = plus(world.clock.now(), life);
    const credential = await harborRobot.issue(world.call(), { label: labelled(), expiresAt });
    expect(credential.expiresAt).toEqual(plus(world.clock.now(), days * DAY));
  });

  test('harbor-robot issues a robot without an end if no expiry is requested', async () => {
    const world = await open();
    expect((await world.issue()).expiresAt).toBeUndefined();
    world.clock.advance(1000 * DAY);
    expect(await harborRobot.find(world.call(), { prefix })).toHaveLength(1);
  });

  test('harbor-robot reports a conflict if a disabled robot has the name', async () => {
    const world = await open();
    const label = labelled();
    const credential = await world.issue(label);
    await harborRobot.enable(world.call(), credential, false);
    await expect(world.issue(label)).rejects.toMatchObject({ code: 'conflict', retryable: true });
  });

  test('harbor-robot changes nothing else when it disables and enables a robot', async () => {
    const world = await open();
    const expiresAt = plus(world.clock.now(), 3 * DAY);
    const credential = await harborRobot.issue(
      world.call({ params: { actions: ['pull', 'push'] } }),
      { label: labelled(), expiresAt },
    );
    const before = world.vendor.dump();
    await harborRobot.enable(world.call(), credential, false);
    await harborRobot.enable(world.call(), credential, true);
    const effects = expect.anything();
    const { credentials } = before as { credentials: object[] };
    expect(world.vendor.dump()).toMatchObject({
      credentials: credentials.map((one) => ({ ...one, effects })),
    });
  });

  test('harbor-robot issues robots with the listed actions alone', async () => {
    const world = await open();
    const call = world.call({ params: { actions: ['pull', 'push'] } });
    const [reads, writes] = [
      await world.issue(),
      await harborRobot.issue(call, { label: labelled() }),
    ];
    const push = { repository: 'team-a/app', actions: ['push'] };
    expect(await verdict(reads, push)).toMatchObject({ outcome: 'lacks-rights' });
    expect(await verdict(writes, push)).toMatchObject({ outcome: 'accepted' });
    const elsewhere = { repository: 'team-b/app', actions: ['pull'] };
    expect(await verdict(writes, elsewhere)).toMatchObject({ outcome: 'lacks-rights' });
  });
});

/** The registry's verdict on a credential and its rights. */
async function verdict(
  { registry, username, password }: Credential,
  access: { repository: string; actions: string[] },
) {
  const http = createHttp({ allow: LOOPBACK });
  const check = createRegistryCheck({ http, now: manualClock().now });
  const question = { registry, username, password, realms: [], access };
  const answer = await check.check(question, new AbortController().signal);
  await http.close();
  return answer;
}

describe.each([
  ['a private project', false],
  ['a public project', true],
])('harbor-robot: at the token server, with %s', (_what, isPublic) => {
  const access = { repository: 'team-a/app', actions: ['pull'] };

  test('harbor-robot: a revoked robot is proven dead although it gets a token', async () => {
    const world = await open();
    world.vendor.behaviour.isPublic = isPublic;
    const [old, young] = [await world.issue(), await world.issue()];
    await harborRobot.revoke(world.call(), old);
    const { username, password, registry } = old;
    const basic = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
    const url = `http://${registry}/service/token?scope=repository:team-a/app:pull`;
    expect((await fetch(url, { headers: { authorization: `Basic ${basic}` } })).status).toBe(200);
    expect(await verdict(old, access)).toEqual({ outcome: 'refused' });
    expect(await verdict(young, access)).toEqual({ outcome: 'accepted' });
  });
});

describe('harbor-robot: the admin', () => {
  test('harbor-robot reports an admin who does not administer the project', async () => {
    const world = await open();
    world.vendor.behaviour.admin = 'member';
    await expect(world.issue()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('administer the project'),
    });
  });

  test('harbor-robot cannot disable a robot if the admin is a robot', async () => {
    const world = await open();
    const credential = await world.issue();
    world.vendor.behaviour.admin = 'robot';
    await expect(harborRobot.enable(world.call(), credential, false)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await harborRobot.revoke(world.call(), credential);
  });

  test('harbor-robot accepts any admin password, and no username with a colon', () => {
    const password = 'a:b ü\n';
    expect(harborRobot.admin.safeParse({ username: 'jörg', password }).success).toBe(true);
    expect(harborRobot.admin.safeParse({ username: 'a:b', password }).success).toBe(false);
    expect(harborRobot.admin.safeParse({ username: 'a', password: '' }).success).toBe(false);
  });
});

describe('harbor-robot: the list of robots', () => {
  test('harbor-robot lists robots filtered by project and name', async () => {
    const world = await open();
    const label = labelled();
    await world.issue(label);
    for (const filter of [{ prefix }, { label }]) {
      const call = world.call();
      const { http, requests } = watched(call.http);
      expect(await harborRobot.find({ ...call, http }, filter)).toHaveLength(1);
      const [text] = Object.values(filter);
      expect(requests.at(-1)?.query.get('q')).toBe(`Level=project,ProjectID=7,name=~${text}`);
    }
  });

  test('harbor-robot leaves out expired robots', async () => {
    const world = await open();
    const expiresAt = plus(world.clock.now(), DAY);
    await harborRobot.issue(world.call(), { label: labelled(), expiresAt });
    world.clock.advance(DAY);
    expect(await harborRobot.find(world.call(), { prefix })).toEqual([]);
  });

  test('harbor-robot names the parameter in the error for an unknown project', async () => {
    const world = await open();
    const call = world.call({ params: { project: 'other' } });
    for (const work of [harborRobot.check(call), harborRobot.find(call, { prefix })])
      await expect(work).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('project in the params'),
      });
  });
});

test('harbor-robot finds API and registry at the endpoint in the parameters', () => {
  const params = harborRobot.params.parse({
    endpoint: 'https://harbor.example.com:8443',
    project: 'team-a',
  });
  expect(addressOf(harborRobot, params)).toEqual({
    endpoint: 'https://harbor.example.com:8443',
    registry: 'harbor.example.com:8443',
    realms: [],
  });
});

test('harbor-robot makes three calls to the API for a rotation', async () => {
  const world = await open();
  await harborRobot.find(world.call(), { prefix });
  await world.verdict(await world.issue());
  expect(world.vendor.requests).toEqual([
    'GET /api/v2.0/projects/team-a',
    'GET /api/v2.0/robots',
    'POST /api/v2.0/robots',
    'GET /v2/',
    'GET /service/token',
    'GET /service/token',
  ]);
});

test.each([
  ['push without pull', { actions: ['push'] }],
  ['no actions', { actions: [] }],
  ['an unknown action', { actions: ['pull', 'delete'] }],
  ['a project with capitals', { project: 'Team' }],
  ['a project of 191 characters', { project: 'a'.repeat(191) }],
  ['an endpoint without https', { endpoint: 'http://harbor.example.com' }],
  ['an endpoint with a path', { endpoint: 'https://harbor.example.com/api' }],
  ['no endpoint', { endpoint: undefined }],
])('harbor-robot refuses parameters with %s', (_what, change) => {
  const { params } = createSimulatedHarbor({ clock: manualClock() });
  expect(harborRobot.params.safeParse({ ...params, ...change }).success).toBe(false);
});
