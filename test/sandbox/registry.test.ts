import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createRegistry,
  type Grant,
  type RegistryOptions,
} from '../../lib/sandbox/registry/index.ts';
import { fingerprint } from '../../lib/sandbox/registry/token.ts';
import { serve } from '../../lib/sandbox/serve.ts';

const start = new Date('2030-01-01T00:00:00Z');
const robot: Grant = {
  account: 'acme+ci',
  allows: (repository, action) => repository === 'acme/tools/app' && action === 'pull',
};
const basic = (name: string, word: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
});
const good = basic('acme+ci', 'pass:word');
const scope = 'scope=repository:acme/tools/app:pull,push';

async function registry(change: Partial<RegistryOptions> = {}) {
  let now = start;
  const { app, faults } = createRegistry({
    clock: { now: () => now, sleep: async () => {} },
    service: 'quay.io',
    errors: 'quay',
    login: (name, word) => (name === 'acme+ci' && word === 'pass:word' ? robot : undefined),
    repositories: {
      'acme/tools/app': { latest: '{"schemaVersion":2}' },
      'acme/other': { latest: '{}' },
    },
    ...change,
  });
  const served = await serve(app);
  onTestFinished(() => served.close());
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await fetch(`${served.url}${path}`, { method, headers });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : undefined,
    };
  };
  const token = async (query = scope, headers = good) =>
    (await ask(`/v2/auth?service=quay.io&${query}`, headers)).body.token as string;
  return {
    ...served,
    faults,
    ask,
    token,
    later: (ms: number) => (now = new Date(now.getTime() + ms)),
  };
}

const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const head = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

describe('the simulated registry', () => {
  test('answers a request without credentials with the challenge', async () => {
    const { ask, url } = await registry();
    const answer = await ask('/v2/');
    expect([answer.status, answer.text]).toEqual([401, 'true']);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="${url}/v2/auth",service="quay.io"`,
    );
    expect(answer.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  });

  test("answers with Docker's error texts on request", async () => {
    const { ask, url } = await registry({ errors: 'docker', tokenPath: '/token' });
    const answer = await ask('/v2/');
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="${url}/token",service="quay.io"`,
    );
    expect(answer.body.errors).toEqual([
      { code: 'UNAUTHORIZED', message: 'authentication required', detail: null },
    ]);
    expect((await ask('/token', good)).body).toMatchObject({
      expires_in: 3600,
      issued_at: start.toISOString(),
    });
  });

  test('accepts a token, and no password', async () => {
    const { ask, token } = await registry();
    expect((await ask('/v2/', { authorization: `Bearer ${await token('')}` })).status).toBe(200);
    expect((await ask('/v2/', good)).status).toBe(401);
  });

  test('refuses a token that is expired, for another service, or changed', async () => {
    const { ask, token, later } = await registry();
    const mine = await token();
    const changed = [
      mine.split('.')[0],
      Buffer.from(JSON.stringify({ ...claims(mine), sub: 'root' })).toString('base64url'),
    ];
    const elsewhere = (await ask('/v2/auth?service=other.test', good)).body.token;
    for (const wrong of [
      [...changed, mine.split('.')[2]].join('.'),
      elsewhere,
      'a.b.c',
      'x',
      `${mine}x.y`,
    ]) {
      expect((await ask('/v2/', { authorization: `Bearer ${wrong}` })).status).toBe(401);
    }
    later(3_599_000);
    expect((await ask('/v2/', { authorization: `Bearer ${mine}` })).status).toBe(200);
    later(2000);
    expect((await ask('/v2/', { authorization: `Bearer ${mine}` })).status).toBe(401);
  });

  test('shows a manifest to a token with the right to pull it', async () => {
    const { ask, token } = await registry();
    const bearer = { authorization: `Bearer ${await token()}` };
    const shown = await ask('/v2/acme/tools/app/manifests/latest', bearer);
    expect([shown.status, shown.text]).toEqual([200, '{"schemaVersion":2}']);
    expect(
      (
        await ask(
          `/v2/acme/tools/app/manifests/${shown.headers.get('docker-content-digest')}`,
          bearer,
          'HEAD',
        )
      ).status,
    ).toBe(200);
    expect((await ask('/v2/acme/tools/app/manifests/none', bearer)).body.errors[0].code).toBe(
      'MANIFEST_UNKNOWN',
    );
    const denied = await ask('/v2/acme/other/manifests/latest', bearer);
    expect(denied.status).toBe(401);
    expect(denied.headers.get('www-authenticate')).toContain(
      'scope="repository:acme/other:pull",error="insufficient_scope"',
    );
    expect((await ask('/v2/acme/tools/app/manifests/latest')).status).toBe(401);
  });

  test('with basic authentication accepts the password', async () => {
    const { ask } = await registry({ auth: 'basic' });
    const challenge = await ask('/v2/');
    expect([challenge.status, challenge.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="quay.io"',
    ]);
    expect((await ask('/v2/', good)).status).toBe(200);
    expect((await ask('/v2/', basic('acme+ci', 'wrong'))).status).toBe(401);
    expect((await ask('/v2/acme/tools/app/manifests/latest', good)).status).toBe(200);
    expect((await ask('/v2/acme/other/manifests/latest', good)).status).toBe(403);
    expect((await ask('/v2/auth', good)).status).toBe(404);
  });
});

describe('the simulated token server', () => {
  test.each([
    ['a wrong password', basic('acme+ci', 'wrong')],
    ['no colon', { authorization: `Basic ${Buffer.from('acme').toString('base64')}` }],
    ['text that is not base64', { authorization: 'Basic ?' }],
    ['no text after the scheme', { authorization: 'Basic' }],
    ['a bearer token', { authorization: 'Bearer x' }],
  ])('refuses %s, with or without a scope', async (_name, headers) => {
    const { ask } = await registry();
    for (const query of ['', `?${scope}`]) {
      const answer = await ask(`/v2/auth${query}`, headers);
      expect(answer.status).toBe(401);
      expect(answer.body.errors[0]).toMatchObject({ code: 'UNAUTHORIZED', detail: {} });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
  });

  test('leaves out actions that the login has no right to', async () => {
    const { token } = await registry();
    const access = async (query: string, headers?: { authorization: string }) =>
      claims(await token(query, headers)).access;
    expect(await access('')).toEqual([]);
    expect(await access(scope)).toEqual([
      { type: 'repository', name: 'acme/tools/app', actions: ['pull'] },
    ]);
    expect(await access('scope=repository:acme/other:pull')).toEqual([
      { type: 'repository', name: 'acme/other', actions: [] },
    ]);
    expect(await access('scope=registry:catalog:*')).toEqual([
      { type: 'registry', name: 'catalog', actions: [] },
    ]);
    expect(await access(`${scope}&scope=repository:b:pull`)).toHaveLength(2);
    expect(await access(`${scope}%20repository:b:pull`)).toHaveLength(2);
  });

  test('gives an anonymous client that asks for a scope a token without rights', async () => {
    const { ask } = await registry();
    const answer = await ask(`/v2/auth?service=quay.io&${scope}`);
    expect(answer.status).toBe(200);
    expect(claims(answer.body.token)).toMatchObject({ sub: '', access: [{ actions: [] }] });
    expect((await ask('/v2/auth?service=quay.io')).status).toBe(401);
  });

  test.each([
    'x',
    'repository:a',
    'repository::pull',
    'repository:a:',
    'repository:a:pull;push',
    ':a:pull',
  ])('refuses the malformed scope %j', async (wrong) => {
    const answer = await (await registry()).ask(
      `/v2/auth?scope=${encodeURIComponent(wrong)}`,
      good,
    );
    expect([answer.status, answer.body.errors[0].code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test.each(['POST', 'PUT', 'DELETE'])('does not support %s', async (method) => {
    const { ask } = await registry();
    expect((await ask('/v2/auth', good, method)).status).toBe(405);
  });

  test.each(['ES256', 'RS256'] as const)(
    'signs with %s, so that the key verifies it',
    async (algorithm) => {
      const { privateKey } =
        algorithm === 'ES256'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const { token, ask } = await registry({ signer: { key: pem, issuer: 'rekey', algorithm } });
      const text = await token();
      const [header, body, signature] = text.split('.');
      const key = createPublicKey(privateKey);
      const proof = Buffer.from(signature ?? '', 'base64url');
      expect(
        verify(
          'sha256',
          Buffer.from(`${header}.${body}`),
          { key, dsaEncoding: 'ieee-p1363' },
          proof,
        ),
      ).toBe(true);
      expect(head(text)).toEqual({ typ: 'JWT', alg: algorithm, kid: fingerprint(key) });
      expect(claims(text)).toMatchObject({
        iss: 'rekey',
        sub: 'acme+ci',
        aud: 'quay.io',
        iat: 1893456000,
        nbf: 1893456000,
        exp: 1893459600,
      });
      expect((await ask('/v2/', { authorization: `Bearer ${text}` })).status).toBe(200);
    },
  );

  test('includes its certificates if it has any', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { token } = await registry({
      signer: { key: privateKey, issuer: 'rekey', algorithm: 'ES256', x5c: ['MIIB'] },
    });
    expect(head(await token())).toEqual({ typ: 'JWT', alg: 'ES256', x5c: ['MIIB'] });
  });

  test('may run on another host, with a key that the registry knows', async () => {
    const signer = {
      key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      issuer: 'rekey',
      algorithm: 'ES256',
    } as const;
    const elsewhere = await registry({ signer });
    const { ask } = await registry({ signer, realm: `${elsewhere.url}/v2/auth` });
    expect((await ask('/v2/')).headers.get('www-authenticate')).toContain(
      `realm="${elsewhere.url}/v2/auth"`,
    );
    expect((await ask('/v2/auth', good)).status).toBe(404);
    expect((await ask('/v2/', { authorization: `Bearer ${await elsewhere.token()}` })).status).toBe(
      200,
    );
  });

  test('shows nothing in opaque tokens', async () => {
    const { token, ask } = await registry({ opaqueTokens: true });
    const text = await token();
    expect(text).not.toContain('.');
    expect(
      (await ask('/v2/acme/tools/app/manifests/latest', { authorization: `Bearer ${text}` }))
        .status,
    ).toBe(200);
    expect(
      (await ask('/v2/acme/other/manifests/latest', { authorization: `Bearer ${text}` })).status,
    ).toBe(401);
  });

  test('hides an internal error from the answer and the screen', async () => {
    const screen = vi.spyOn(console, 'error');
    onTestFinished(() => screen.mockRestore());
    const { ask } = await registry({
      login: (_name, word) => {
        throw new Error(word);
      },
    });
    const answer = await ask('/v2/auth', good);
    expect([answer.status, answer.text.includes('pass:word'), screen.mock.calls]).toEqual([
      500,
      false,
      [],
    ]);
  });
});
