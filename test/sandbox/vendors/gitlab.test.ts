import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../../lib/core/time.ts';
import { createSimulatedGitlab } from '../../../lib/sandbox/vendors/gitlab/index.ts';
import { openVendor } from './open.ts';

interface Token {
  id: number;
  name: string;
  username: string;
  token: string;
  expires_at: string | null;
  expired: boolean;
}
const bearer = 'Bearer glpat-simulated-gitlab-access-token';
const project = '/projects/team%2Fapp/deploy_tokens';
const group = '/groups/team/deploy_tokens';

async function open() {
  const opened = await openVendor(createSimulatedGitlab, bearer, '/jwt/auth');
  const ask: typeof opened.ask = (method, path, ...rest) =>
    opened.ask(method, `/api/v4${path}`, ...rest);
  const create = (name: string, more: object = {}, path = project) =>
    ask('POST', path, { name, scopes: ['read_registry'], ...more });
  const made = async (name: string, more: object = {}) => (await create(name, more)).body as Token;
  const names = async (path: string) =>
    ((await ask('GET', path)).body as Token[]).map(({ name }) => name);
  return { ...opened, ask, create, made, names };
}

describe('a simulated GitLab', () => {
  test('shows the token only in the answer to the create', async () => {
    const { create, ask, login } = await open();
    const answer = await create('ci', { username: 'ci-1' });
    const made = answer.body as Token;
    expect(answer.status).toBe(201);
    expect(made).toMatchObject({ username: 'ci-1', expires_at: null, expired: false });
    expect(made.token).toMatch(/^gldt-/);
    expect(await login('ci-1', made.token)).toBe(200);
    expect(await login('ci-1', 'wrong')).toBe(401);
    const shown = await ask('GET', `${project}/${made.id}`);
    expect(shown.body).toMatchObject({ name: 'ci', scopes: ['read_registry'] });
    expect(JSON.stringify(shown.body)).not.toContain(made.token);
  });

  test('accepts a name and a username twice, and generates a username', async () => {
    const { made } = await open();
    const [first, second, third] = [
      await made('ci', { username: 'ci' }),
      await made('ci', { username: 'ci' }),
      await made('ci'),
    ];
    expect(first.id).not.toBe(second.id);
    expect(third.username).toBe(`gitlab+deploy-token-${third.id}`);
  });

  test('lists in pages of 20, and of at most 100', async () => {
    const { vendor, ask } = await open();
    for (let number = 0; number < 130; number++) vendor.plant(`token-${number}`);
    const first = await ask('GET', project);
    expect(first.body).toHaveLength(20);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-total': '130',
      'x-next-page': '2',
      link: expect.stringContaining('rel="next"'),
    });
    const last = await ask('GET', `${project}?per_page=1000&page=2`);
    expect(last.body).toHaveLength(30);
    expect(last.headers.get('x-next-page')).toBe('');
    expect(await ask('GET', `${project}?page=x`)).toMatchObject({ status: 400 });
  });

  test('ends a token with its day, and still lists it', async () => {
    const { clock, made, login, ask, names } = await open();
    const expires_at = new Date(clock.now().getTime() + DAY + HOUR).toISOString();
    const { id, username, token } = await made('ci', { expires_at });
    clock.advance(2 * DAY - 1);
    expect(await login(username, token)).toBe(200);
    // its hour is over
    expect(await names(`${project}?active=true`)).toEqual([]);
    expect((await ask('GET', `${project}/${id}`)).body).toMatchObject({ expired: false });
    clock.advance(1);
    expect(await login(username, token)).toBe(401);
    expect((await ask('GET', project)).body).toMatchObject([{ id, expired: true, expires_at }]);
  });

  test.each([
    ['no name', { name: '' }],
    ['a name of 256 characters', { name: 'a'.repeat(256) }],
    ['an unknown scope', { scopes: ['write'] }],
    ['no scopes', { scopes: [] }],
    ['a username with a space', { username: 'a b' }],
    ['a day that is none', { expires_at: 'tomorrow' }],
  ])('refuses a create with %s', async (_what, more) => {
    const { create } = await open();
    expect(await create('ci', more)).toMatchObject({
      status: 400,
      body: { error: expect.any(String) },
    });
  });

  test('finds a project and a group by number and by path, and keeps their tokens apart', async () => {
    const { create, names, ask } = await open();
    await create('of-the-project');
    await create('of-the-group', {}, group);
    expect(await names('/projects/4711/deploy_tokens')).toEqual(['of-the-project']);
    expect(await names('/groups/52/deploy_tokens')).toEqual(['of-the-group']);
    expect(await ask('GET', '/projects/team%2Fother/deploy_tokens')).toEqual(
      expect.objectContaining({ status: 404, body: { message: '404 Project Not Found' } }),
    );
    expect((await ask('GET', '/groups/4711/deploy_tokens')).status).toBe(404);
  });

  test('deletes a token once, and then answers 404', async () => {
    const { made, ask, login } = await open();
    const { id, username, token } = await made('ci');
    expect((await ask('DELETE', `${project}/${id}`)).status).toBe(204);
    expect(await login(username, token)).toBe(401);
    expect(await ask('DELETE', `${project}/${id}`)).toMatchObject({ status: 404 });
    expect(await ask('DELETE', `${project}/x`)).toMatchObject({ status: 400 });
  });

  test('refuses unknown tokens, read-only scopes, and insufficient roles', async () => {
    const { vendor, ask, create } = await open();
    expect(await ask('GET', project, undefined, { authorization: 'Bearer x' })).toMatchObject({
      status: 401,
      body: { message: '401 Unauthorized' },
    });
    const header = { authorization: '', 'private-token': bearer.slice('Bearer '.length) };
    expect((await ask('GET', project, undefined, header)).status).toBe(200);
    vendor.behaviour.scope = 'read_api';
    expect(await create('ci')).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    });
    expect((await ask('GET', project)).status).toBe(200);
    Object.assign(vendor.behaviour, { scope: 'api', role: 'maintainer' });
    expect((await create('ci')).status).toBe(201);
    expect((await ask('GET', group)).status).toBe(200);
    expect((await create('ci', {}, group)).status).toBe(403);
    vendor.behaviour.role = 'developer';
    expect((await ask('GET', project)).status).toBe(403);
  });

  test('is the token server of a registry at another host', async () => {
    const { vendor, endpoint, registry, made } = await open();
    const challenge = (await fetch(`http://${registry}/v2/`)).headers.get('www-authenticate');
    expect(challenge).toBe(`Bearer realm="${endpoint}/jwt/auth",service="container_registry"`);
    const { username, token } = await made('ci', { scopes: ['read_registry', 'write_registry'] });
    const basic = Buffer.from(`${username}:${token}`).toString('base64');
    const scope = 'scope=repository:team/app/web:pull,push&scope=repository:team/other:pull';
    const answer = await fetch(`${endpoint}/jwt/auth?${scope}`, {
      headers: { authorization: `Basic ${basic}` },
    });
    const jwt = ((await answer.json()) as { token: string }).token;
    const claims = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims)).toMatchObject({
      access: [
        { name: 'team/app/web', actions: ['pull', 'push'] },
        { name: 'team/other', actions: [] },
      ],
    });
    vendor.registryFaults.next(/jwt/, { status: 503 });
    expect((await fetch(`${endpoint}/jwt/auth`)).status).toBe(503);
  });

  test('continues after a restart', async () => {
    const { vendor, made } = await open();
    const { id, username, token } = await made('ci');
    const dumped = JSON.parse(JSON.stringify(vendor.dump()));
    const again = await openVendor(
      (options) => {
        const restored = createSimulatedGitlab(options);
        restored.restore(dumped);
        return restored;
      },
      bearer,
      '/jwt/auth',
    );
    expect(await again.login(username, token)).toBe(200);
    await again.ask('DELETE', `/api/v4${project}/${id}`);
    expect(await again.login(username, token)).toBe(401);
    expect(JSON.stringify([vendor.credentials(), dumped])).not.toContain(token);
  });
});
