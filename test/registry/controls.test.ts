import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import type { Mood, RegistryOptions } from '../../lib/sandbox/registry/index.ts';
import { ask, asking, encoded, listen, pull, registryHost } from './hosts.ts';

const wrong = { password: new Secret('wrong') };
const elsewhere = { repository: 'other/app', actions: ['pull'] };
const open = { repository: 'public/app', actions: ['pull'] };
const openToAll = { outcome: 'unknown', cause: 'open-to-all' };

describe('Harbor, which treats a wrong login as anonymous if a scope is requested', () => {
  const harbor: Partial<RegistryOptions> = {
    tokenPath: '/service/token',
    fallsBack: true,
    isPublic: (repository) => repository.startsWith('public/'),
  };

  test.each([
    ['no repository', undefined],
    ['a private repository', pull],
    ['a repository that the login may not pull', elsewhere],
    ['a public repository', open],
  ])(
    'the check refuses a wrong login at Harbor that is asked about with %s',
    async (_what, access) => {
      const { host } = await registryHost(harbor);
      expect(await ask(host, { ...wrong, access })).toEqual({ outcome: 'refused' });
    },
  );

  test('the check accepts a valid login at Harbor, and reports its rights', async () => {
    const { host } = await registryHost(harbor);
    expect(await ask(host)).toEqual({ outcome: 'accepted' });
    expect(await ask(host, { access: pull })).toEqual({ outcome: 'accepted' });
    expect(await ask(host, { access: open })).toEqual({ outcome: 'accepted' });
    expect(await ask(host, { access: elsewhere })).toEqual({
      outcome: 'lacks-rights',
      missing: ['pull'],
    });
  });

  test('the check refuses a wrong login at Harbor if a repository just became public', async () => {
    const made: string[] = [];
    const { host } = await registryHost({
      ...harbor,
      isPublic: (repository) => made.includes(repository),
    });
    const check = asking();
    expect(await check(host, { ...wrong, access: pull })).toEqual({ outcome: 'refused' });
    made.push(pull.repository);
    expect(await check(host, { ...wrong, access: pull })).toEqual({ outcome: 'refused' });
  });
});

describe.each<Partial<RegistryOptions>>([
  {},
  { errors: 'quay' },
  { opaqueTokens: true },
  { auth: 'basic' },
])('a registry that accepts every login (%o)', (options) => {
  const everybody = { ...options, mood: (): Mood => 'accepts' };

  test.each([
    ['good', {}],
    ['wrong', wrong],
  ])(
    'a registry that accepts every login proves nothing about a %s login',
    async (_what, change) => {
      const { host } = await registryHost(everybody);
      expect(await ask(host, change)).toEqual(openToAll);
      expect(await ask(host, { ...change, access: pull })).toEqual(openToAll);
    },
  );

  test('the check believes a registry again once it refuses the control login', async () => {
    const now: { mood: Mood } = { mood: 'accepts' };
    const { host } = await registryHost({ ...options, mood: () => now.mood });
    const check = asking();
    expect(await check(host)).toEqual(openToAll);
    now.mood = 'own';
    expect(await check(host)).toEqual({ outcome: 'accepted' });
    expect(await check(host, wrong)).toEqual({ outcome: 'refused' });
  });
});

describe('a registry that grants every login a token without rights', () => {
  const anonymous = { mood: (): Mood => 'anonymous' };

  test('a registry that grants every login an empty token proves nothing', async () => {
    const { host } = await registryHost(anonymous);
    expect(await ask(host)).toEqual(openToAll);
    expect(await ask(host, wrong)).toEqual(openToAll);
  });

  test('a registry that grants every login an empty token is judged by rights only', async () => {
    const { host } = await registryHost(anonymous);
    expect(await ask(host, { access: pull })).toEqual({ outcome: 'accepted' });
    expect(await ask(host, { ...wrong, access: pull })).toEqual(openToAll);
    expect(await ask(host, { access: elsewhere })).toEqual(openToAll);
  });
});

/** A token server with these answers, depending on the login and on a scope. */
async function tokenServer(answer: (good: boolean, scoped: boolean) => number) {
  const app = new Hono();
  app.get('/v2/', (context) => {
    const realm = `${new URL(context.req.url).origin}/token`;
    return context.body('', 401, { 'www-authenticate': `Bearer realm="${realm}"` });
  });
  app.get('/token', (context) => {
    const good = context.req.header('authorization') === `Basic ${encoded}`;
    const status = answer(good, context.req.query('scope') !== undefined);
    return new Response(status === 200 ? '{"token":"opaque"}' : '{"errors":[{"code":"DENIED"}]}', {
      status,
    });
  });
  return listen(app);
}

describe('a token server', () => {
  test.each([400, 401])(
    'a token server that answers %i without a scope is asked with one',
    async (status) => {
      const { host } = await tokenServer((good, scoped) => (scoped ? (good ? 200 : 401) : status));
      expect(await ask(host, { access: pull })).toEqual({ outcome: 'accepted' });
      expect(await ask(host, { ...wrong, access: pull })).toEqual({ outcome: 'refused' });
    },
  );

  test.each([401, 403])(
    'a token server that answers %i for missing rights has accepted the login',
    async (status) => {
      const { host } = await tokenServer((good, scoped) => (good && !scoped ? 200 : status));
      const access = { repository: 'acme/app', actions: ['push'] };
      expect(await ask(host, { access })).toEqual({ outcome: 'lacks-rights', missing: ['push'] });
      expect(await ask(host, { ...wrong, access })).toEqual({ outcome: 'refused' });
    },
  );

  test('an inconclusive answer about the control login makes the check inconclusive', async () => {
    const { host } = await tokenServer((good) => (good ? 200 : 503));
    expect(await ask(host)).toEqual({ outcome: 'unknown', cause: 'failed' });
    expect(await ask(host, { access: pull })).toEqual({ outcome: 'unknown', cause: 'failed' });
  });
});
