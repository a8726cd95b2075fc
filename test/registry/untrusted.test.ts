import { describe, expect, test } from 'vitest';
import type { Http } from '../../lib/core/ports.ts';
import { Secret } from '../../lib/core/secret.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import {
  ask,
  encoded,
  greedyHost,
  password,
  plainHost,
  pull,
  registryHost,
  username,
} from './hosts.ts';

describe('the password is not sent', () => {
  test.each<[string, (evil: string) => string]>([
    ['to another port', (evil) => `http://${evil}/token`],
    [
      'to loopback by another name',
      (evil) => `http://${evil.replace('127.0.0.1', 'localhost')}/token`,
    ],
    ['to a host behind userinfo', (evil) => `http://127.0.0.1@${evil}/token`],
    ['to a host with userinfo', (evil) => `http://user:pass@${evil}/token`],
    ['to a host over https on an odd port', (evil) => `https://${evil}/token`],
  ])('the password is not sent %s', async (_where, realm) => {
    const evil = await greedyHost();
    const { host, requests } = await registryHost({ realm: realm(evil.host) });
    expect(await ask(host, { access: pull, manifest: 'latest' })).toEqual({
      outcome: 'unknown',
      cause: 'untrusted-realm',
    });
    expect(evil.requests).toEqual([]);
    expect(requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test('the password is not sent to a second challenge if the first is untrusted', async () => {
    const evil = await greedyHost();
    const { host, requests } = await plainHost(401, {
      'www-authenticate': `Bearer realm="${evil.url}/token",service="a", Basic realm="a"`,
    });
    expect(await ask(host)).toEqual({ outcome: 'unknown', cause: 'untrusted-realm' });
    expect([...evil.requests, ...requests].map(({ authorization }) => authorization)).toEqual([
      undefined,
    ]);
  });

  test.each([301, 302, 303, 307, 308])(
    'the password is not sent along a redirect %i from any of the three calls',
    async (status) => {
      const evil = await greedyHost();
      for (const pattern of [/GET .v2.$/, /GET .v2.auth/, /HEAD/]) {
        const { host, faults } = await registryHost();
        faults.next(pattern, { status, headers: { location: `${evil.url}/token` } });
        const verdict = await ask(host, { access: pull, manifest: 'latest' });
        expect(verdict).toEqual({ outcome: 'unknown', cause: 'not-a-registry' });
      }
      const withPasswords = await registryHost({ auth: 'basic' });
      withPasswords.faults.next(/v2/, {
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="a"' },
      });
      withPasswords.faults.next(/v2/, { status, headers: { location: `${evil.url}/v2/` } });
      expect(await ask(withPasswords.host)).toEqual({
        outcome: 'unknown',
        cause: 'not-a-registry',
      });
      expect(evil.requests).toEqual([]);
    },
  );

  test('the password is not sent to a registry that wants a token', async () => {
    const { host, requests } = await registryHost();
    await ask(host, { access: pull, manifest: 'latest' });
    expect(
      requests
        .filter(({ authorization }) => authorization?.startsWith('Basic'))
        .map(({ line }) => line.split('?')[0]),
    ).toEqual(['GET /v2/auth', 'GET /v2/auth', 'GET /v2/auth']);
    expect(requests.at(-1)?.authorization).toMatch(/^Bearer /);
  });
});

describe('a token server elsewhere', () => {
  /** Records what would be sent to hosts that do not exist. */
  function deskHttp(answers: Record<string, object>) {
    const sent: [string, string | undefined][] = [];
    const http: Http = {
      async send({ url, headers }) {
        const known = [undefined, `Basic ${encoded}`].includes(headers?.authorization);
        sent.push([url, headers?.authorization]);
        if (!known) return { status: 401, headers: {}, body: '', retryAfter: undefined };
        return { status: 500, headers: {}, body: '', retryAfter: undefined, ...answers[url] };
      },
    };
    return { http, sent };
  }

  test('the password is sent to a token server at an allowed host', async () => {
    const { http, sent } = deskHttp({
      'https://registry.digitalocean.com/v2/': {
        status: 401,
        headers: {
          'www-authenticate':
            'Bearer realm="https://api.digitalocean.com/v2/registry/auth",' +
            'service="registry.digitalocean.com",scope="registry:catalog:*"',
        },
      },
      'https://api.digitalocean.com/v2/registry/auth?service=registry.digitalocean.com': {
        status: 200,
        body: '{"token":"opaque"}',
      },
    });
    const question = {
      registry: 'registry.digitalocean.com',
      username,
      password: new Secret(password),
      realms: ['.digitalocean.com'],
    };
    const verdict = await createRegistryCheck({ http, now: () => new Date(0) }).check(
      question,
      new AbortController().signal,
    );
    expect(verdict).toEqual({ outcome: 'accepted' });
    expect(sent[1]?.[1]).toBe(`Basic ${encoded}`);
  });

  test.each([
    ['https://evil-ionos.com/token'],
    ['https://ionos.com.evil.test/token'],
    ['http://auth.ionos.com/token'],
    ['https://auth.ionos.com@evil.test/token'],
    ['https://evil.test\\.ionos.com/token'],
  ])('the password is not sent to a token server at %s', async (realm) => {
    const { http, sent } = deskHttp({
      'https://r.cr.ionos.com/v2/': {
        status: 401,
        headers: { 'www-authenticate': `Bearer realm=${realm}` },
      },
    });
    const question = {
      registry: 'r.cr.ionos.com',
      username,
      password: new Secret(password),
      realms: ['.ionos.com'],
    };
    const verdict = await createRegistryCheck({ http, now: () => new Date(0) }).check(
      question,
      new AbortController().signal,
    );
    expect(verdict).toEqual({ outcome: 'unknown', cause: 'untrusted-realm' });
    expect(sent).toEqual([['https://r.cr.ionos.com/v2/', undefined]]);
  });

  test('a token server’s URL keeps its query and its trailing slash, as Huawei needs', async () => {
    const { http, sent } = deskHttp({
      'https://swr.eu.test/v2/': {
        status: 401,
        headers: {
          'www-authenticate':
            'Bearer realm="https://swr.eu.test/swr/auth/v2/registry/auth/?a=b",service="dock yard"',
        },
      },
      'https://swr.eu.test/swr/auth/v2/registry/auth/?a=b&service=dock+yard': {
        status: 200,
        body: '{"token":"opaque"}',
      },
    });
    const question = {
      registry: 'swr.eu.test',
      username,
      password: new Secret(password),
      realms: [],
      access: pull,
    };
    await createRegistryCheck({ http, now: () => new Date(0) }).check(
      question,
      new AbortController().signal,
    );
    const url = new URL(sent.at(-1)?.[0] ?? '');
    expect(url.pathname).toBe('/swr/auth/v2/registry/auth/');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      a: 'b',
      service: 'dock yard',
      scope: 'repository:acme/app:pull',
    });
  });
});
