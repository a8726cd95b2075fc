import { describe, expect, test } from 'vitest';
import type { Http, HttpRequest } from '../../lib/core/ports.ts';
import { addressOf } from '../../lib/core/provider.ts';
import { labelled, openWorld, prefix, testProvider } from '../../lib/kit/testing/index.ts';
import { quayRobot } from '../../lib/providers/quay-robot.ts';
import { htmlPage } from '../../lib/sandbox/faults.ts';
import { createSimulatedQuayRobot } from '../../lib/sandbox/vendors/quay/index.ts';

const subject = {
  provider: quayRobot,
  vendor: createSimulatedQuayRobot,
  create: /^PUT .*\/robots\/[^/]+$/,
  list: /^GET .*\/robots$/,
  remove: /^DELETE .*\/robots\/[^/]+$/,
};
const open = () => openWorld(subject);
type World = Awaited<ReturnType<typeof open>>;

testProvider('quay-robot', subject);

const writes = /^(PUT|POST|DELETE) /;
const rights = ({ vendor }: World, short: string) => vendor.model.rightsOf(short);

/** Gives a robot a role in a repository, as a person does in Quay's console. */
const give = (
  { vendor }: World,
  short: string,
  repository: string,
  role: 'read' | 'write' | 'admin',
) =>
  Object.assign(vendor.model.repository(repository)?.users ?? {}, { [`acme_corp+${short}`]: role });
const remove = ({ vendor }: World, short: string) => {
  const entry = vendor.model.ledger.find(short);
  if (entry) vendor.model.remove(entry);
};

/** Passes calls on, and writes them down; may fail at one of them. */
function watched(
  world: World,
  at: (request: HttpRequest, number: number) => Promise<void> = async () => {},
) {
  const requests: HttpRequest[] = [];
  const { http } = world.call();
  const send: Http['send'] = async (request) => {
    requests.push(request);
    await at(request, requests.length);
    return http.send(request);
  };
  return { requests, call: { ...world.call(), http: { send } } };
}

describe('quay-robot: the rights of a new robot', () => {
  test('quay-robot gives the first robot the rights of the template', async () => {
    const world = await open();
    const { id, username } = await world.issue();
    expect(username).toBe(`acme_corp+${id}`);
    expect(rights(world, id)).toEqual({
      repositories: { app: 'write', worker: 'read' },
      teams: ['builders'],
      prototypes: ['SELF → team builders: write', 'null → user SELF: read'],
    });
    expect(rights(world, id)).toEqual(rights(world, 'ci'));
  });

  test('quay-robot gives a robot the rights of its predecessor, without the template', async () => {
    const world = await open();
    const first = await world.issue();
    give(world, first.id, 'base', 'admin');
    remove(world, 'ci');
    const second = await quayRobot.issue(world.call(), {
      label: labelled(),
      predecessor: first.id,
    });
    expect(rights(world, second.id)).toEqual(rights(world, first.id));
    expect(rights(world, second.id).repositories).toEqual({
      app: 'write',
      worker: 'read',
      base: 'admin',
    });
  });

  test('quay-robot falls back to the template if the predecessor is gone', async () => {
    const world = await open();
    const { id } = await quayRobot.issue(world.call(), {
      label: labelled(),
      predecessor: labelled(),
    });
    expect(rights(world, id)).toEqual(rights(world, 'ci'));
  });

  test('quay-robot issues nothing if predecessor and template are gone', async () => {
    const world = await open();
    remove(world, 'ci');
    await expect(world.issue()).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('robot in the params'),
    });
    expect(world.count(writes)).toBe(0);
  });

  test('quay-robot issues nothing if Quay hides the rights from a mere member', async () => {
    const world = await open();
    world.vendor.behaviour.orgAdmin = false;
    await expect(world.issue()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('shows no rights'),
    });
    await expect(quayRobot.check(world.call())).rejects.toMatchObject({ code: 'forbidden' });
    expect(world.count(writes)).toBe(0);
    expect(await quayRobot.find(world.call(), { prefix })).toEqual([]);
  });

  test('quay-robot issues nothing if the rights cannot be read', async () => {
    const world = await open();
    world.vendor.behaviour.repoAdmin = false;
    await expect(world.issue()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('repo:admin'),
    });
    expect(world.count(writes)).toBe(0);
  });

  test('quay-robot reads the rights from whole lists without tokens', async () => {
    const world = await open();
    const { call, requests } = watched(world);
    await quayRobot.issue(call, { label: labelled() });
    await quayRobot.find(call, { prefix });
    const lists = requests
      .map(({ url }) => new URL(url))
      .filter(({ pathname }) => pathname.endsWith('/robots'));
    expect(lists.map(({ search }) => search)).toEqual([
      '?token=false&permissions=true',
      '?token=false',
    ]);
  });
});

test('quay-robot looks one label up by its name, without listing the organization', async () => {
  const world = await open();
  const { id } = await world.issue();
  const before = world.vendor.requests.length;
  expect(await quayRobot.find(world.call(), { label: id })).toMatchObject([{ id, label: id }]);
  expect(await quayRobot.find(world.call(), { label: labelled() })).toEqual([]);
  world.vendor.model.add('rekey-by-hand', 'mine', null, 'someone');
  expect(await quayRobot.find(world.call(), { label: 'rekey-by-hand' })).toEqual([]);
  expect(
    world.vendor.requests.slice(before).map((line) => line.replace(/ .*\/robots\//, ' ')),
  ).toEqual([`GET ${id}`, expect.stringMatching(/^GET rekey-fleet-/), 'GET rekey-by-hand']);
});

describe('quay-robot: a deleted repository that Quay has not collected yet', () => {
  test('quay-robot ignores a deleted repository that Quay has not collected yet', async () => {
    const world = await open();
    const hidden = world.vendor.model.discard('worker');
    expect(rights(world, 'ci').repositories).toEqual({ app: 'write', [hidden]: 'read' });
    const { id } = await world.issue();
    expect(rights(world, id)).toEqual({ ...rights(world, 'ci'), repositories: { app: 'write' } });
  });

  test('quay-robot distinguishes a deleted repository from a failing Quay', async () => {
    const world = await open();
    world.vendor.faults.next(/^PUT .*\/permissions\//, { status: 500 }, Number.POSITIVE_INFINITY);
    await expect(world.issue()).rejects.toMatchObject({ code: 'provider-failed' });
  });
});

describe('quay-robot: issuing under one label', () => {
  test('quay-robot returns the same robot and token for one label twice', async () => {
    const world = await open();
    const label = labelled();
    const [first, second] = [await world.issue(label), await world.issue(label)];
    expect(second).toEqual(first);
    expect(second.password.reveal()).toBe(first.password.reveal());
    expect(rights(world, label)).toEqual(rights(world, 'ci'));
    // an existing robot is looked up first
    for (const [pattern, times] of [
      [subject.create, 1] as const,
      [/^PUT .*\/members\//, 1] as const,
      [/^POST /, 2] as const,
    ]) {
      expect(world.count(pattern)).toBe(times);
    }
  });

  test('quay-robot returns the same robot with its rights to five workers at once', async () => {
    const world = await open();
    const label = labelled();
    const all = await Promise.all(Array.from({ length: 5 }, () => world.issue(label)));
    expect(new Set(all.map(({ password }) => password.reveal())).size).toBe(1);
    expect(world.alive()).toEqual([label]);
    expect(rights(world, label)).toEqual(rights(world, 'ci'));
  });

  test.each(['before', 'after'] as const)(
    'quay-robot adopts its robot after a crash %s any call of the first attempt',
    async (moment) => {
      for (let number = 1; ; number++) {
        const world = await open();
        const label = labelled();
        const { http } = world.call();
        let [count, died] = [0, false];
        const send: Http['send'] = async (request) => {
          count += 1;
          died = count === number;
          if (died && moment === 'before') throw new Error('dead');
          const answer = await http.send(request);
          if (died) throw new Error('dead');
          return answer;
        };
        await quayRobot.issue({ ...world.call(), http: { send } }, { label }).catch(() => {});
        const { password } = await world.issue(label);
        expect(password.reveal(), `${moment} ${number}`).toBe(
          world.vendor.model.robot(label)?.token,
        );
        expect(rights(world, label), `${moment} ${number}`).toEqual(rights(world, 'ci'));
        expect(world.vendor.credentials(), `${moment} ${number}`).toHaveLength(1);
        if (!died) {
          expect(number, 'there are calls to die at').toBeGreaterThan(8);
          break;
        }
      }
    },
  );

  test('quay-robot leaves a foreign robot of that name alone, and reports a conflict', async () => {
    const world = await open();
    const label = labelled();
    world.vendor.model.add(label, 'mine, hands off', null, 'stranger');
    await expect(world.issue(label)).rejects.toMatchObject({ code: 'conflict', retryable: true });
    expect(await quayRobot.find(world.call(), { prefix })).toEqual([]);
    expect(world.count(writes)).toBe(0);
    expect(rights(world, label)).toEqual({ repositories: {}, teams: [], prototypes: [] });
  });

  test('quay-robot leaves a foreign robot alone that appears at that moment', async () => {
    const world = await open();
    const label = labelled();
    const { call } = watched(world, async ({ method, url }) => {
      if (method === 'PUT' && url.endsWith(label))
        world.vendor.model.add(label, '', null, 'stranger');
    });
    await expect(quayRobot.issue(call, { label })).rejects.toMatchObject({ code: 'conflict' });
    expect(rights(world, label)).toEqual({ repositories: {}, teams: [], prototypes: [] });
  });

  test.each([
    ['a repository', (world: World, label: string) => void give(world, label, 'base', 'read')],
    [
      'a team',
      (world: World, label: string) =>
        void world.vendor.model.team('owners')?.members.push(`acme_corp+${label}`),
    ],
    [
      'a default permission',
      (world: World, label: string) =>
        void world.vendor.model.addPrototype({
          role: 'admin',
          delegate: { name: `acme_corp+${label}`, kind: 'user' },
          activatingUser: null,
        }),
    ],
  ])(
    'quay-robot adopts no robot that may do more than its predecessor, by %s',
    async (_what, change) => {
      const world = await open();
      const label = labelled();
      await world.issue(label);
      change(world, label);
      await expect(world.issue(label)).rejects.toMatchObject({ code: 'conflict' });
    },
  );

  test('quay-robot lowers a role that is higher than the predecessor’s', async () => {
    const world = await open();
    const label = labelled();
    await world.issue(label);
    give(world, label, 'worker', 'admin');
    await world.issue(label);
    expect(rights(world, label)).toEqual(rights(world, 'ci'));
  });

  test('quay-robot accepts a team that another worker has joined meanwhile', async () => {
    const world = await open();
    const { call } = watched(world, async ({ method, url }) => {
      if (method !== 'PUT' || !url.includes('/members/')) return;
      world.vendor.model
        .team('builders')
        ?.members.push(decodeURIComponent(url.split('/').at(-1) ?? ''));
    });
    const { id } = await quayRobot.issue(call, { label: labelled() });
    expect(rights(world, id).teams).toEqual(['builders']);
  });

  test('quay-robot fails if the team refuses the robot', async () => {
    const world = await open();
    world.vendor.faults.next(/^PUT .*\/members\//, { status: 400, body: '{}' });
    await expect(world.issue()).rejects.toMatchObject({ code: 'rejected' });
  });

  test('quay-robot fails and retries if a listed permission is not there', async () => {
    const world = await open();
    world.vendor.faults.next(/^GET .*\/permissions\//, { status: 400, body: '{}' });
    await expect(world.issue()).rejects.toMatchObject({ code: 'bad-answer', retryable: true });
  });

  test('quay-robot fails if Quay shows no token', async () => {
    const world = await open();
    world.vendor.behaviour.secretless = true;
    const label = labelled();
    const body = JSON.stringify({ name: `acme_corp+${label}`, description: label, token: null });
    world.vendor.faults.next(/^GET .*\/robots\/[^/]+$/, { status: 200, body });
    await expect(world.issue(label)).rejects.toMatchObject({ code: 'bad-answer' });
  });

  test.each([subject.create, /^GET .*\/robots\/[^/]+$/])(
    'quay-robot fails if the answer to %s is about another robot',
    async (pattern) => {
      const world = await open();
      world.vendor.behaviour.secretless = true;
      world.vendor.faults.next(pattern, {
        status: 200,
        body: '{"name":"acme_corp+other","token":"CANARY"}',
      });
      await expect(world.issue()).rejects.toMatchObject({
        code: 'bad-answer',
        message: expect.not.stringContaining('CANARY'),
      });
    },
  );

  test('quay-robot reports disabled robots and a read-only Quay', async () => {
    const world = await open();
    world.vendor.behaviour.robotsDisabled = true;
    await expect(world.issue()).rejects.toMatchObject({ code: 'rejected' });
    world.vendor.behaviour.readOnly = true;
    await expect(world.issue()).rejects.toMatchObject({
      code: 'provider-failed',
      message: expect.stringContaining('read-only'),
    });
  });
});

describe('quay-robot: deleting', () => {
  test('quay-robot does not believe a deletion while Quay still shows the robot', async () => {
    const world = await open();
    const { id } = await world.issue();
    world.vendor.behaviour.deleteSwallowed = true;
    await expect(quayRobot.revoke(world.call(), { id })).rejects.toMatchObject({
      code: 'provider-failed',
      retryable: true,
    });
    world.vendor.behaviour.deleteSwallowed = false;
    await quayRobot.revoke(world.call(), { id });
    expect(world.alive()).toEqual([]);
  });

  test('quay-robot reports a robot that a mirror uses, with advice', async () => {
    const world = await open();
    const { id } = await world.issue();
    world.vendor.behaviour.mirrored = true;
    await expect(quayRobot.revoke(world.call(), { id })).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('mirror'),
    });
    expect(world.alive()).toEqual([id]);
  });

  test('quay-robot treats deleting an unknown robot as success, despite a mirror', async () => {
    const world = await open();
    world.vendor.behaviour.mirrored = true;
    await quayRobot.revoke(world.call(), { id: labelled() });
  });

  test('quay-robot does not take a proxy’s 400 as success', async () => {
    const world = await open();
    const { id } = await world.issue();
    world.vendor.faults.next(/robots\/[^/]+$/, htmlPage(400), 2);
    await expect(quayRobot.revoke(world.call(), { id })).rejects.toMatchObject({
      code: 'rejected',
    });
    world.vendor.faults.clear();
    world.vendor.faults.next(/^GET .*\/robots\/[^/]+$/, htmlPage(400));
    await expect(quayRobot.revoke(world.call(), { id })).rejects.toMatchObject({
      code: 'rejected',
    });
    await quayRobot.revoke(world.call(), { id });
  });

  test('quay-robot revokes with two calls', async () => {
    const world = await open();
    const { id } = await world.issue();
    const before = world.vendor.requests.length;
    await quayRobot.revoke(world.call(), { id });
    expect(world.vendor.requests.slice(before).map((line) => line.split(' ')[0])).toEqual([
      'DELETE',
      'GET',
    ]);
  });
});

describe('quay-robot: the OAuth token', () => {
  test.each(['error', 'message'] as const)(
    'quay-robot distinguishes a dead OAuth token from one without rights (%s)',
    async (csrfField) => {
      const world = await open();
      const { id } = await world.issue();
      world.vendor.behaviour.csrfField = csrfField;
      const dead = world.call({ admin: { token: 'dead' } });
      await expect(quayRobot.revoke(dead, { id })).rejects.toMatchObject({ code: 'admin-refused' });
      world.vendor.behaviour.orgAdmin = false;
      await expect(quayRobot.revoke(world.call(), { id })).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('org:admin'),
      });
      expect(world.alive()).toEqual([id]);
    },
  );

  test('quay-robot checks the token, template and scopes with two calls', async () => {
    const world = await open();
    await quayRobot.check(world.call());
    expect(world.vendor.requests.map((line) => line.replace(/ .*\//, ' '))).toEqual([
      'GET robots',
      'GET acme_corp+ci',
    ]);
    const failing = (call = world.call()) => quayRobot.check(call);
    await expect(failing(world.call({ admin: { token: 'dead' } }))).rejects.toMatchObject({
      code: 'admin-refused',
    });
    await expect(failing(world.call({ params: { organization: 'nobody' } }))).rejects.toMatchObject(
      { code: 'forbidden' },
    );
    await expect(failing(world.call({ params: { robot: 'nobody' } }))).rejects.toMatchObject({
      code: 'not-found',
    });
    world.vendor.behaviour.repoAdmin = false;
    await expect(failing()).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('quay-robot: the address', () => {
  const at = (endpoint: string | undefined, other?: object) =>
    addressOf(quayRobot, { endpoint }, other);
  const own = 'https://quay.example.com';

  test('quay-robot takes the address from the parameters, or else quay.io', () => {
    expect(at(undefined)).toEqual({ endpoint: 'https://quay.io', registry: 'quay.io', realms: [] });
    expect(at(own)).toEqual({ endpoint: own, registry: 'quay.example.com', realms: [] });
  });

  test('quay-robot lets the wiring replace API and registry', () => {
    const [api, registry] = ['http://127.0.0.1:9', '127.0.0.1:8'];
    expect(at(own, { api, registry })).toMatchObject({ endpoint: api, registry });
    expect(at(own, { api })).toMatchObject({ endpoint: api, registry: '127.0.0.1:9' });
  });

  test('quay-robot calls the address in the parameters, and issues for it', async () => {
    const world = await open();
    const wired = world.call();
    expect((await quayRobot.issue(wired, { label: labelled() })).registry).toBe(wired.registry);
    expect(world.vendor.requests.length).toBeGreaterThan(1);
  });
});

test.each([
  ['a path behind the host', { endpoint: 'https://quay.example.com/api' }],
  ['a slash behind the host', { endpoint: 'https://quay.example.com/' }],
  ['plain http', { endpoint: 'http://quay.example.com' }],
  ['a name that looks like loopback', { endpoint: 'http://127.0.0.1.example.com' }],
  ['a password in the address', { endpoint: 'https://me:you@quay.example.com' }],
  ['another scheme', { endpoint: 'ftp://quay.example.com' }],
  ['an organization in capitals', { organization: 'Acme' }],
  ['two separators in a row', { robot: 'a--b' }],
  ['a separator at the end', { robot: 'ci_' }],
  ['one character', { robot: 'a' }],
  ['a full name', { robot: 'acme+ci' }],
  ['no organization', { organization: undefined }],
  ['an organization that leaves no room for a label', { organization: 'a'.repeat(191) }],
])('quay-robot refuses parameters with %s', (_what, change) => {
  expect(quayRobot.params.safeParse({ organization: 'acme', robot: 'ci', ...change }).success).toBe(
    false,
  );
});

test.each([
  'https://quay.example.com',
  'https://quay.example.com:8443',
  'http://127.0.0.1:8080',
  'http://localhost',
  'http://[::1]:80',
])('quay-robot accepts a Quay at the origin %s', (endpoint) => {
  const written = new URL(endpoint).origin;
  expect(
    quayRobot.params.safeParse({ organization: 'acme', robot: 'ci.deploy_1', endpoint: written })
      .success,
  ).toBe(true);
});
