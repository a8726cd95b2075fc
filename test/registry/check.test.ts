import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { DAY, plus } from '../../lib/core/time.ts';
import type { RegistryOptions } from '../../lib/sandbox/registry/index.ts';
import { ask, asking, encoded, pull, registryHost, username } from './hosts.ts';

const wrong = { password: new Secret('wrong') };

describe.each<[string, Partial<RegistryOptions>]>([
  ['a registry like Quay', { errors: 'quay' }],
  ["a registry like Docker's", { errors: 'docker', tokenPath: '/token' }],
  ['a registry with opaque tokens', { opaqueTokens: true }],
  ['a registry with passwords', { auth: 'basic' }],
])('%s', (_name, options) => {
  test('the check accepts a valid login', async () => {
    const { host } = await registryHost(options);
    expect(await ask(host)).toEqual({ outcome: 'accepted' });
  });

  test.each([
    ['a wrong password', wrong],
    ['an empty password', { password: new Secret('') }],
    ['an unknown user', { username: 'acme+gone' }],
  ])('the check refuses %s', async (_what, change) => {
    const { host } = await registryHost(options);
    expect(await ask(host, change)).toEqual({ outcome: 'refused' });
    expect(await ask(host, { ...change, access: pull })).toEqual({ outcome: 'refused' });
    expect(await ask(host, { ...change, access: pull, manifest: 'latest' })).toEqual({
      outcome: 'refused',
    });
  });

  test('the check accepts a login with the right to pull, and requests the manifest', async () => {
    const { host } = await registryHost(options);
    expect(await ask(host, { access: pull })).toEqual({ outcome: 'accepted' });
    expect(await ask(host, { access: pull, manifest: 'latest' })).toEqual({ outcome: 'accepted' });
  });

  test('the check accepts a login whose manifest does not exist', async () => {
    const { host } = await registryHost(options);
    expect(await ask(host, { access: pull, manifest: 'none' })).toEqual({ outcome: 'accepted' });
  });

  test('the check detects a missing right to pull by the manifest', async () => {
    const { host } = await registryHost(options);
    const access = { repository: 'other/app', actions: ['pull'] };
    expect(await ask(host, { access, manifest: 'latest' })).toEqual({
      outcome: 'lacks-rights',
      missing: ['pull'],
    });
  });

  test('the check asks about the login each time, and about the control once a day', async () => {
    const { host, requests } = await registryHost(options);
    const time = { now: new Date('2030-01-01T00:00:00Z') };
    const check = asking({ now: () => time.now });
    const asked = async () => {
      const before = requests.length;
      expect(await check(host)).toEqual({ outcome: 'accepted' });
      return requests.length - before;
    };
    expect([await asked(), await asked()]).toEqual([3, 2]);
    time.now = plus(time.now, DAY);
    expect([await asked(), await asked()]).toEqual([3, 2]);
  });

  test('the password is sent once, and only after the challenge', async () => {
    const { host, requests } = await registryHost(options);
    await ask(host);
    const [challenge, login, control, ...more] = requests.map(({ authorization }) => authorization);
    expect([challenge, login, more]).toEqual([undefined, `Basic ${encoded}`, []]);
    const stranger = Buffer.from(control?.replace('Basic ', '') ?? '', 'base64').toString('utf8');
    expect(stranger).toMatch(/^acme\+ci-rekey-control:rekey-control-[0-9a-f-]{36}$/);
  });

  test('the check is inconclusive while the registry fails', async () => {
    const { host, faults } = await registryHost(options);
    for (const method of [/GET/, /HEAD/]) {
      faults.next(method, { status: 503 }, 3);
      const verdict = await ask(host, { access: pull, manifest: 'latest' });
      expect(verdict).toEqual({ outcome: 'unknown', cause: 'failed' });
    }
  });
});

describe('rights in the token', () => {
  test.each([
    ['push', { repository: 'acme/app', actions: ['pull', 'push'] }, ['push']],
    ['another repository', { repository: 'acme/other', actions: ['pull'] }, ['pull']],
    [
      'a repository whose name begins alike',
      { repository: 'acme/app2', actions: ['pull'] },
      ['pull'],
    ],
    ['everything', { repository: 'acme/other', actions: ['pull', 'push'] }, ['pull', 'push']],
  ])('the check reads from the token that %s is missing', async (_what, access, missing) => {
    const { host } = await registryHost({ errors: 'quay' });
    expect(await ask(host, { access })).toEqual({ outcome: 'lacks-rights', missing });
  });

  test('the check reports a missing right without requesting the manifest', async () => {
    const { host, requests } = await registryHost();
    const access = { repository: 'acme/app', actions: ['push'] };
    expect(await ask(host, { access, manifest: 'latest' })).toEqual({
      outcome: 'lacks-rights',
      missing: ['push'],
    });
    expect(requests.map(({ line }) => line.split(' ')[0])).toEqual(['GET', 'GET', 'GET', 'GET']);
  });

  test('a manifest requires the right to pull as well', async () => {
    const { host, requests } = await registryHost({
      login: (name) => (name === username ? { account: 'a', allows: () => true } : undefined),
    });
    expect(
      await ask(host, {
        access: { repository: 'acme/app', actions: ['push'] },
        manifest: 'latest',
      }),
    ).toEqual({
      outcome: 'accepted',
    });
    expect(requests[3]?.line).toBe(
      'GET /v2/auth?service=registry.test&scope=repository%3Aacme%2Fapp%3Apush%2Cpull',
    );
    expect(requests[4]?.line).toBe('HEAD /v2/acme/app/manifests/latest');
  });

  test('a scope that the token server rejects is a missing right', async () => {
    const { host } = await registryHost({ errors: 'quay' });
    const access = { repository: 'acme/app', actions: ['not an action'] };
    expect(await ask(host, { access })).toEqual({
      outcome: 'lacks-rights',
      missing: ['not an action'],
    });
  });

  test('an opaque token is accepted, because its rights cannot be read', async () => {
    const { host } = await registryHost({ opaqueTokens: true });
    const access = { repository: 'other/app', actions: ['push'] };
    expect(await ask(host, { access })).toEqual({ outcome: 'accepted' });
  });

  test('a check without rights asks for no scope', async () => {
    const { host, requests } = await registryHost();
    await ask(host);
    expect([...new Set(requests.map(({ line }) => line))]).toEqual([
      'GET /v2/',
      'GET /v2/auth?service=registry.test',
    ]);
  });

  test('the check finds a manifest by digest', async () => {
    const { host, requests } = await registryHost();
    await ask(host, { access: pull, manifest: 'sha256:00' });
    expect(requests.at(-1)?.line).toBe('HEAD /v2/acme/app/manifests/sha256:00');
  });
});

describe('failures during a check', () => {
  test.each([/GET .v2.$/, /GET .v2.auth/, /HEAD/])(
    'the check repeats a failed call at %s',
    async (pattern) => {
      const { host, faults } = await registryHost();
      faults.next(pattern, { cut: 'before' });
      faults.next(pattern, { cut: 'after' });
      expect(await ask(host, { access: pull, manifest: 'latest' })).toEqual({
        outcome: 'accepted',
      });
    },
  );

  test.each([
    ['a cut connection', { cut: 'before' }],
    ['an answer cut short', { truncate: true }],
  ] as const)('%s, again and again, is no verdict', async (_name, fault) => {
    const { host, faults } = await registryHost();
    faults.next(/auth/, fault, 3);
    expect(await ask(host)).toEqual({ outcome: 'unknown', cause: 'unreachable' });
  });

  test('the check is inconclusive if the server does not answer', async () => {
    const { host, faults } = await registryHost();
    faults.next(/auth/, { hang: true }, 3);
    expect(await ask(host, {}, { deadline: 80 })).toEqual({
      outcome: 'unknown',
      cause: 'unreachable',
    });
  });
});
