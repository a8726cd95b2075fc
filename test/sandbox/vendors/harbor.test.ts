import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../lib/core/time.ts';
import { createSimulatedHarbor } from '../../../lib/sandbox/vendors/harbor/index.ts';
import { openVendor } from './open.ts';

interface Robot {
  id: number;
  name: string;
  secret: string;
  disable: boolean;
  expires_at: number;
}
const admin = `Basic ${Buffer.from('rekey-admin:simulated-harbor-Password1').toString('base64')}`;
const pull = [{ resource: 'repository', action: 'pull' }];
const permissions = [{ kind: 'project', namespace: 'team-a', access: pull }];
const wanted = { level: 'project', duration: -1, permissions };
const listed = (more = '') => `/robots?q=Level=project,ProjectID=7${more}`;

async function open() {
  const opened = await openVendor(createSimulatedHarbor, admin, '/service/token');
  const ask: typeof opened.ask = (method, path, ...rest) =>
    opened.ask(method, `/api/v2.0${path}`, ...rest);
  const create = (name: string, more: object = {}) =>
    ask('POST', '/robots', { name, ...wanted, ...more });
  const made = async (name: string, more: object = {}) => (await create(name, more)).body as Robot;
  const list = async (path: string) => {
    const { status, headers, body } = await ask('GET', path);
    const names = (body as Robot[]).map(({ name }) => name);
    return { status, names, total: headers.get('x-total-count'), link: headers.get('link') };
  };
  /** The token server's answer to a login that asks for a scope. */
  async function scoped(username: string, password: string) {
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const answer = await fetch(
      `http://${opened.registry}/service/token?scope=repository:team-a/app:pull,push`,
      { headers: { authorization: `Basic ${basic}` } },
    );
    const { token = '' } = (await answer.json()) as { token?: string };
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    return { status: answer.status, access: (JSON.parse(claims) as { access: unknown }).access };
  }
  return { ...opened, ask, create, made, list, scoped };
}
const refusal = (status: number, code: string) => ({
  status,
  body: { errors: [{ code, message: expect.any(String) }] },
});

describe('a simulated Harbor', () => {
  test('shows the secret only in the answer to the create', async () => {
    const { create, ask, login } = await open();
    const answer = await create('ci', { secret: 'of-no-effect-1A' });
    const robot = answer.body as Robot;
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v2.0/robots/${robot.id}`);
    expect(robot).toMatchObject({ name: 'robot$team-a+ci', expires_at: -1 });
    expect(await login(robot.name, robot.secret)).toBe(200);
    expect(await login(robot.name, 'of-no-effect-1A')).toBe(401);
    const shown = await ask('GET', `/robots/${robot.id}`);
    expect(shown.body).toMatchObject({ level: 'project', disable: false, duration: -1 });
    expect(JSON.stringify(shown.body)).not.toContain(robot.secret);
  });

  test('shows the id of a project by its name', async () => {
    const { ask } = await open();
    const named = { 'x-is-resource-name': 'true' };
    expect((await ask('GET', '/projects/team-a', undefined, named)).body).toMatchObject({
      project_id: 7,
    });
    expect((await ask('GET', '/projects/7')).body).toMatchObject({ name: 'team-a' });
    expect(await ask('GET', '/projects/7', undefined, named)).toMatchObject(
      refusal(404, 'NOT_FOUND'),
    );
  });

  test('lists a project in pages of 10, and of at most 100', async () => {
    const { vendor, ask, list } = await open();
    for (let number = 100; number < 230; number++) vendor.plant(`robot-${number}`);
    const first = await list(listed());
    expect(first).toMatchObject({ total: '130', link: expect.stringContaining('rel="next"') });
    expect(first.names).toHaveLength(10);
    const last = await list(`${listed()}&page=2&page_size=100`);
    expect(last.names).toHaveLength(30);
    expect(last.link).not.toContain('rel="next"');
    expect(await ask('GET', `${listed()}&page_size=101`)).toMatchObject({ status: 422 });
    expect((await list('/robots')).names).toEqual([]);
    expect(await ask('GET', '/robots?q=Level=project')).toMatchObject(refusal(400, 'BAD_REQUEST'));
  });

  test('lists by a part of the name', async () => {
    const { vendor, list } = await open();
    for (const name of ['rekey-a-1', 'rekey-a-2', 'rekey-b-1']) vendor.plant(name);
    expect((await list(listed(',name=~rekey-a-'))).names).toEqual([
      'robot$team-a+rekey-a-1',
      'robot$team-a+rekey-a-2',
    ]);
    expect((await list(listed(',name=rekey-a-1'))).names).toEqual([]);
  });

  test('lists by name, or by id on request', async () => {
    const { vendor, list } = await open();
    for (const name of ['b', 'c', 'a']) vendor.plant(name);
    const order = async (sort: string) =>
      (await list(`${listed()}&sort=${sort}`)).names.map((name) => name.at(-1)).join('');
    expect([await order(''), await order('id'), await order('-id')]).toEqual(['abc', 'bca', 'acb']);
  });

  test('refuses a taken name and an invalid one', async () => {
    const { create, made, ask } = await open();
    const { id } = await made('ci');
    expect(await create('ci')).toMatchObject(refusal(409, 'CONFLICT'));
    for (const name of ['CI', 'a--b', '-a', 'a-', 'a+b', ''])
      expect(await create(name)).toMatchObject(refusal(400, 'BAD_REQUEST'));
    expect((await ask('DELETE', `/robots/${id}`)).status).toBe(200);
    expect((await create('ci')).status).toBe(201);
  });

  test.each([
    ['a part of a day', { duration: 0.5 }],
    ['no permissions', { permissions: [] }],
    ['permissions on two projects', { permissions: [...permissions, ...permissions] }],
    ['an unknown level', { level: 'team' }],
    ['nothing', { level: undefined }],
  ])('refuses a create with %s', async (_what, more) => {
    const { create } = await open();
    expect(await create('ci', more)).toMatchObject(refusal(400, 'BAD_REQUEST'));
  });

  test('ends a robot after whole days, and still lists it', async () => {
    const { clock, made, login, list } = await open();
    const { name, secret, expires_at } = await made('ci', { duration: 2 });
    expect(expires_at).toBe((clock.now().getTime() + 2 * DAY) / 1000);
    clock.advance(2 * DAY - 1);
    expect(await login(name, secret)).toBe(200);
    clock.advance(1);
    expect(await login(name, secret)).toBe(401);
    expect((await list(listed())).names).toEqual([name]);
  });

  test('disables a robot by a PUT of the whole robot', async () => {
    const { made, ask, login } = await open();
    const { id, name, secret } = await made('ci', { duration: 3 });
    const { body } = await ask('GET', `/robots/${id}`);
    const whole = body as Robot;
    expect(await ask('PUT', `/robots/${id}`, { disable: true })).toMatchObject({ status: 400 });
    const renamed = { ...whole, disable: true, name: 'ci' };
    expect(await ask('PUT', `/robots/${id}`, renamed)).toMatchObject(refusal(400, 'BAD_REQUEST'));
    expect((await ask('PUT', `/robots/${id}`, { ...whole, disable: true })).status).toBe(200);
    expect(await login(name, secret)).toBe(401);
    const { update_time: _, ...rest } = whole as Robot & { update_time: string };
    expect((await ask('GET', `/robots/${id}`)).body).toMatchObject({ ...rest, disable: true });
    await ask('PUT', `/robots/${id}`, whole);
    expect(await login(name, secret)).toBe(200);
  });

  test('refreshes a secret, and refuses the old one', async () => {
    const { made, ask, login } = await open();
    const { id, name, secret } = await made('ci');
    const { body } = await ask('PATCH', `/robots/${id}`, { secret: '' });
    expect(await login(name, secret)).toBe(401);
    expect(await login(name, (body as Robot).secret)).toBe(200);
  });

  test('refuses unknown logins, other members, and updates by a robot', async () => {
    const { vendor, made, ask } = await open();
    const { id } = await made('ci');
    const none = { authorization: 'Basic d3Jvbmc6d3Jvbmc=' };
    expect(await ask('GET', listed(), undefined, none)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    for (const path of ['/robots/999', '/robots/x', '/other'])
      expect([404, 422]).toContain((await ask('GET', path)).status);
    vendor.behaviour.admin = 'robot';
    expect(await ask('PATCH', `/robots/${id}`, {})).toMatchObject(refusal(403, 'FORBIDDEN'));
    expect((await ask('GET', `/robots/${id}`)).status).toBe(200);
    vendor.behaviour.admin = 'member';
    expect(await ask('GET', listed())).toMatchObject(refusal(403, 'FORBIDDEN'));
  });

  test('renames every robot when the prefix changes', async () => {
    const { vendor, made, list, login } = await open();
    const { secret } = await made('ci');
    vendor.behaviour.robotPrefix = 'bot-';
    expect((await list(listed())).names).toEqual(['bot-team-a+ci']);
    expect(await login('bot-team-a+ci', secret)).toBe(200);
    expect(await login('robot$team-a+ci', secret)).toBe(401);
  });

  test('gives a token to a wrong login that asks for a scope, and refuses one that does not', async () => {
    const { vendor, made, scoped, login } = await open();
    const { name, secret } = await made('ci');
    const access = (actions: string[]) => ({
      status: 200,
      access: [{ type: 'repository', name: 'team-a/app', actions }],
    });
    expect(await scoped(name, secret)).toEqual(access(['pull']));
    expect(await scoped(name, 'wrong')).toEqual(access([]));
    vendor.behaviour.isPublic = true;
    expect(await scoped(name, 'wrong')).toEqual(access(['pull']));
    expect(await login(name, 'wrong')).toBe(401);
  });

  test('continues after a restart', async () => {
    const { vendor, made } = await open();
    const { id, name, secret } = await made('ci');
    vendor.behaviour.delays.delete = HOUR;
    const dumped = JSON.parse(JSON.stringify(vendor.dump()));
    const again = await openVendor(
      (options) => {
        const restored = createSimulatedHarbor(options);
        restored.restore(dumped);
        return restored;
      },
      admin,
      '/service/token',
    );
    await again.ask('DELETE', `/api/v2.0/robots/${id}`);
    expect(await again.login(name, secret)).toBe(200);
    again.clock.advance(HOUR);
    expect(await again.login(name, secret)).toBe(401);
    expect(JSON.stringify([vendor.credentials(), dumped])).not.toContain(secret);
  });
});
