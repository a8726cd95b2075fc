import { describe, expect, test } from 'vitest';
import { HOUR } from '../../../lib/core/time.ts';
import { manualClock } from '../../../lib/kit/testing/index.ts';
import {
  createSimulatedQuayOauthToken,
  createSimulatedQuayRobot,
} from '../../../lib/sandbox/vendors/quay/index.ts';
import examples from '../../providers/quay-examples.json' with { type: 'json' };
import { openVendor } from './open.ts';

const robots = '/api/v1/organization/acme_corp/robots';
const dead = { authorization: 'Bearer dead' };

async function open() {
  const opened = await openVendor(createSimulatedQuayRobot, 'Bearer simulated-quay-oauth-token');
  const made = async (short: string, body: object = {}) =>
    (await opened.ask('PUT', `${robots}/${short}`, body)).body as Shown;
  const list = async (query: string) =>
    ((await opened.ask('GET', `${robots}${query}`)).body as { robots: Listed[] }).robots;
  return { ...opened, made, list };
}
interface Shown {
  name: string;
  token: string;
  unstructured_metadata: object | null;
}
interface Listed {
  name: string;
  token?: string | null;
  repositories?: string[];
  teams?: { name: string }[];
}

/** The same fields, in any order. */
const shape = (body: unknown) => Object.keys(body as object).sort();

describe('the simulated Quay', () => {
  test('answers in the forms of Quay’s source', async () => {
    const { ask, made, list } = await open();
    expect(shape(await made('one'))).toEqual(shape(examples.create.body));
    const answers = [
      [await ask('PUT', `${robots}/one`), examples.duplicate],
      [await ask('GET', `${robots}/one`), examples.get],
      [await ask('GET', `${robots}/none`), examples.missing],
      [await ask('PUT', `${robots}/Bad--name`), examples.badName],
      [
        await ask('GET', '/api/v1/repository/acme_corp/base/permissions/user/acme_corp+one'),
        examples.noPermission,
      ],
      [
        await ask('PUT', '/api/v1/repository/acme_corp/base/permissions/user/acme_corp+one', {
          role: 'write',
        }),
        examples.permission,
      ],
      [
        await ask('PUT', '/api/v1/organization/acme_corp/team/builders/members/acme_corp+one'),
        examples.team,
      ],
      [
        await ask(
          'POST',
          '/api/v1/organization/acme_corp/prototypes',
          examplePrototype('acme_corp+one'),
        ),
        examples.prototype,
      ],
      [await ask('GET', robots, undefined, dead), examples.unauthenticated],
      [await ask('DELETE', `${robots}/one`, undefined, dead), examples.csrf],
      [await ask('GET', '/api/v1/organization/nobody/robots'), examples.forbidden],
    ] as const;
    for (const [{ status, body }, example] of answers) {
      expect({ status, shape: shape(body) }).toEqual({
        status: example.status,
        shape: shape(example.body),
      });
    }
    expect(shape((await list('?token=false'))[0])).toEqual(shape(examples.list.body.robots[0]));
    expect(shape((await list('?token=false&permissions=true'))[0])).toEqual(
      shape(examples.listWithPermissions.body.robots[0]),
    );
    expect((await ask('DELETE', `${robots}/one`)).status).toBe(examples.delete.status);
  });

  test('shows a robot’s token again, and null metadata only at its creation', async () => {
    const { ask, made, login } = await open();
    const { token, unstructured_metadata: metadata } = await made('one');
    expect(metadata).toBeNull();
    expect((await ask('GET', `${robots}/one`)).body).toMatchObject({
      token,
      unstructured_metadata: {},
    });
    expect(token).toMatch(/^[0-9A-Z]{64}$/);
    expect(await login('acme_corp+one', token)).toBe(200);
    expect((await ask('GET', `${robots}/one`)).body).toMatchObject({
      last_accessed: 'Tue, 01 Jan 2030 00:00:00 -0000',
    });
  });

  test('accepts a description of at most 255 characters', async () => {
    const { ask } = await open();
    expect((await ask('PUT', `${robots}/one`, { description: 'x'.repeat(256) })).status).toBe(400);
    expect((await ask('PUT', `${robots}/one`, { description: 'x'.repeat(255) })).status).toBe(201);
  });

  test('lists a neighbor’s robots, because the organization’s name has an underscore', async () => {
    const { list } = await open();
    expect((await list('')).map(({ name }) => name)).toEqual([
      'acme-corp+ci',
      'acme-corp+elsewhere',
      'acme_corp+ci',
    ]);
  });

  test('leaves out rights beyond the list’s limit, and all rights for a plain member', async () => {
    const { list, vendor } = await open();
    const own = (all: Listed[]) => all.find(({ name }) => name === 'acme_corp+ci');
    expect(own(await list('?permissions=true'))?.repositories).toEqual(['app', 'worker']);
    expect(own(await list('?permissions=true&limit=3'))?.repositories).toEqual(['app']);
    vendor.behaviour.orgAdmin = false;
    expect(own(await list('?permissions=true'))).not.toHaveProperty('repositories');
    expect(own(await list('?token=true'))).not.toHaveProperty('token');
  });

  test('lists tokens unless the request opts out', async () => {
    const { list, made } = await open();
    const { token } = await made('one');
    expect((await list('')).at(-1)?.token).toBe(token);
    expect((await list('?token=false')).at(-1)).not.toHaveProperty('token');
  });

  test('deletes a robot with its rights', async () => {
    const { ask, vendor, login } = await open();
    const token = vendor.model.robot('ci')?.token ?? '';
    expect(await login('acme_corp+ci', token)).toBe(200);
    expect((await ask('DELETE', `${robots}/ci`)).status).toBe(204);
    expect(await login('acme_corp+ci', token)).toBe(401);
    expect(vendor.model.rightsOf('ci')).toEqual({ repositories: {}, teams: [], prototypes: [] });
    expect((await ask('DELETE', `${robots}/ci`)).status).toBe(400);
  });

  test('can swallow a deletion, or refuse it because of a mirror', async () => {
    const { ask, vendor } = await open();
    vendor.behaviour.deleteSwallowed = true;
    expect((await ask('DELETE', `${robots}/ci`)).status).toBe(204);
    vendor.behaviour.mirrored = true;
    expect((await ask('DELETE', `${robots}/ci`)).status).toBe(400);
    expect((await ask('GET', `${robots}/ci`)).status).toBe(200);
  });

  test('refuses writes while it is read-only', async () => {
    const { ask, vendor } = await open();
    vendor.behaviour.readOnly = true;
    expect(await ask('PUT', `${robots}/one`)).toMatchObject({
      status: 503,
      body: { is_readonly: true },
    });
    expect((await ask('GET', robots)).status).toBe(200);
  });

  test('refuses a second membership, and accepts a second default permission', async () => {
    const { ask } = await open();
    expect(
      (await ask('PUT', '/api/v1/organization/acme_corp/team/builders/members/acme_corp+ci'))
        .status,
    ).toBe(400);
    const twice = () =>
      ask('POST', '/api/v1/organization/acme_corp/prototypes', examplePrototype('acme_corp+ci'));
    expect([(await twice()).status, (await twice()).status]).toEqual([200, 200]);
  });

  test('creates a repository for a push, with the default permissions', async () => {
    const { vendor, registry } = await open();
    const scoped = (short: string, scope: string) => {
      const pair = `acme_corp+${short}:${vendor.model.robot(short)?.token}`;
      const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
      return fetch(`http://${registry}/v2/auth?service=quay.io&scope=repository:${scope}`, {
        headers,
      });
    };
    vendor.model.add('plain', '', null, 'stranger');
    expect(granted(await (await scoped('plain', 'acme_corp/fresh:push')).json())).toEqual([]);
    expect(vendor.model.repository('fresh')).toBeUndefined();
    expect(granted(await (await scoped('ci', 'acme_corp/fresh:pull')).json())).toEqual([]);
    expect(granted(await (await scoped('ci', 'acme_corp/fresh:push,pull')).json())).toEqual([
      'push',
      'pull',
    ]);
    expect(vendor.model.repository('fresh')).toEqual({
      users: { 'acme_corp+ci': 'admin' },
      teams: { builders: 'write', owners: 'admin' },
    });
  });

  test('restores its dumped state, with tokens that still work', async () => {
    const clock = manualClock();
    const vendor = createSimulatedQuayOauthToken({ clock });
    const { username, password } = JSON.parse(vendor.admin) as {
      username: string;
      password: string;
    };
    const started = await vendor.start();
    const headers = {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    };
    const scope = 'service=quay.io&scope=repository:acme_corp/app:pull';
    const { token } = (await (
      await fetch(`http://${started.registry}/v2/auth?${scope}`, { headers })
    ).json()) as {
      token: string;
    };
    await started.close();

    const again = createSimulatedQuayOauthToken({ clock });
    again.restore(JSON.parse(JSON.stringify(vendor.dump())));
    const { registry, endpoint, close } = await again.start();
    try {
      expect(endpoint).toBe(`http://${registry}`);
      expect(again.admin).toBe(vendor.admin);
      expect(again.credentials()).toEqual(vendor.credentials());
      const tags = () =>
        fetch(`http://${registry}/v2/acme_corp/app/tags/list`, {
          headers: { authorization: `Bearer ${token}` },
        });
      expect((await tags()).status).toBe(200);
      clock.advance(HOUR);
      expect((await tags()).status).toBe(401);
      expect(again.credentials()).toMatchObject([{ state: 'expired' }]);
    } finally {
      await close();
    }
  });
});

const examplePrototype = (name: string) => ({ role: 'write', delegate: { name, kind: 'user' } });

function granted(answer: unknown): readonly string[] {
  const { token } = answer as { token: string };
  const { access } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    access: { actions: string[] }[];
  };
  return access.flatMap(({ actions }) => actions);
}
