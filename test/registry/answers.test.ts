import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, encoded, plainHost, registryHost } from './hosts.ts';

describe('a host that is not a registry', () => {
  const bearer = (more: string) => ({ 'www-authenticate': `Bearer ${more}` });
  test.each<[string, number, Record<string, string>, string, object]>([
    ['open to all', 200, {}, '{}', { cause: 'not-a-registry' }],
    [
      'open to all, with a challenge',
      200,
      bearer('realm="https://a.test"'),
      '{}',
      { cause: 'not-a-registry' },
    ],
    ['a redirect', 301, { location: 'https://quay.io/v2/' }, '', { cause: 'not-a-registry' }],
    ['not found', 404, {}, 'not found', { cause: 'not-a-registry' }],
    [
      'a registry without API version 2',
      404,
      {},
      '{"errors":[{"code":"UNSUPPORTED"}]}',
      { cause: 'failed' },
    ],
    ['an allow-list', 403, { 'content-type': 'text/html' }, '<html>', { cause: 'not-allowed' }],
    ['an allow-list in JSON', 403, {}, '{"errors":[{"code":"DENIED"}]}', { cause: 'not-allowed' }],
    [
      'a rate limit',
      429,
      { 'retry-after': '120' },
      '<html>',
      { cause: 'throttled', retryAfter: 120_000 },
    ],
    ['a rate limit without a time', 429, {}, '<html>', { cause: 'throttled' }],
    ['an outage', 500, {}, '', { cause: 'failed' }],
    [
      'a maintenance window',
      503,
      { 'retry-after': '60' },
      '',
      { cause: 'failed', retryAfter: 60_000 },
    ],
    ['no challenge', 401, {}, '', { cause: 'not-a-registry' }],
    [
      'an unknown challenge',
      401,
      { 'www-authenticate': 'Negotiate YWJj' },
      '',
      { cause: 'not-a-registry' },
    ],
    ['a challenge without a realm', 401, bearer('service="a"'), '', { cause: 'not-a-registry' }],
    ['a challenge with an empty realm', 401, bearer('realm=""'), '', { cause: 'untrusted-realm' }],
    [
      'a challenge with a relative realm',
      401,
      bearer('realm="/token"'),
      '',
      { cause: 'untrusted-realm' },
    ],
    [
      'an endless body',
      401,
      { 'www-authenticate': 'Basic realm="a"' },
      'x'.repeat(2 << 20),
      { cause: 'not-a-registry' },
    ],
  ])('the check is inconclusive for %s', async (_name, status, headers, body, wanted) => {
    const { host, requests } = await plainHost(status, headers, body);
    expect(await ask(host)).toEqual({ outcome: 'unknown', ...wanted });
    expect(requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  test.each(['', 'quay.io/acme', 'https://quay.io', 'a@quay.io'])(
    'the check does not accept %j as a host',
    async (registry) => {
      expect(await ask(registry)).toEqual({ outcome: 'unknown', cause: 'not-a-registry' });
    },
  );

  test('the check reports a port without a server as unreachable', async () => {
    expect(await ask('127.0.0.1:1')).toEqual({ outcome: 'unknown', cause: 'unreachable' });
  });
});

describe("a token server's answer", () => {
  const wwwAuthenticate = { 'www-authenticate': 'Basic realm="a"' };
  test.each<[string, number, Record<string, string>, string, object]>([
    ['401 refuses', 401, {}, '', { outcome: 'refused' }],
    ['401 in HTML refuses', 401, wwwAuthenticate, '<html>', { outcome: 'refused' }],
    [
      '403 DENIED refuses',
      403,
      {},
      '{"errors":[{"code":"DENIED","message":"denied"}]}',
      { outcome: 'refused' },
    ],
    [
      '403 UNAUTHORIZED refuses',
      403,
      {},
      '{"errors":[{"code":"UNAUTHORIZED"}]}',
      { outcome: 'refused' },
    ],
    [
      '403 of a firewall is inconclusive',
      403,
      {},
      '<html>',
      { outcome: 'unknown', cause: 'not-allowed' },
    ],
    [
      'another 403 is inconclusive',
      403,
      {},
      '{"errors":[{"code":"TOOMANYREQUESTS"}]}',
      { outcome: 'unknown', cause: 'not-allowed' },
    ],
    [
      '400 without a scope is inconclusive',
      400,
      {},
      '',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
    [
      '405 DENIED for a disabled namespace is inconclusive',
      405,
      {},
      '{"errors":[{"code":"DENIED"}]}',
      { outcome: 'unknown', cause: 'failed' },
    ],
    [
      '429 in HTML is inconclusive',
      429,
      { 'retry-after': '9' },
      '<html>',
      { outcome: 'unknown', cause: 'throttled', retryAfter: 9000 },
    ],
    ['502 is inconclusive', 502, {}, '<html>', { outcome: 'unknown', cause: 'failed' }],
    [
      '302 is inconclusive',
      302,
      { location: '/login' },
      '',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
    [
      '200 in HTML is inconclusive',
      200,
      { 'content-type': 'text/html' },
      '<html>',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
    [
      '200 without a token is inconclusive',
      200,
      {},
      '{}',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
    [
      '200 with an empty token is inconclusive',
      200,
      {},
      '{"token":""}',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
    [
      '200 with a number as the token is inconclusive',
      200,
      {},
      '{"token":1}',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
    [
      '200 with a line break in the token is inconclusive',
      200,
      {},
      '{"token":"a\\r\\nb"}',
      { outcome: 'unknown', cause: 'not-a-registry' },
    ],
  ])('a token server’s %s', async (_name, status, headers, body, wanted) => {
    const { host, faults } = await registryHost();
    faults.next(/auth/, { status, headers, body }, 3);
    // a pause beyond the deadline is skipped, so Retry-After reaches the caller
    expect(await ask(host)).toEqual(wanted);
  });

  test.each([
    ['a token', '{"token":"opaque"}'],
    ['an access_token', '{"access_token":"opaque","expires_in":300}'],
  ])('a token server’s 200 with %s accepts the login', async (_name, body) => {
    const { host, faults } = await registryHost();
    faults.next(/auth/, { status: 200, body });
    expect(await ask(host)).toEqual({ outcome: 'accepted' });
  });
});

test('a server that shows a page to every password is not a registry', async () => {
  const { host, faults } = await registryHost({ auth: 'basic' });
  faults.next(/v2/, { status: 401, headers: { 'www-authenticate': 'Basic realm="a"' } });
  faults.next(/v2/, { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' });
  expect(await ask(host)).toEqual({ outcome: 'unknown', cause: 'not-a-registry' });
});

test('the check uses http for a registry at IPv6 loopback', async () => {
  const server = createServer((request, response) => {
    const [status, headers] =
      request.headers.authorization === `Basic ${encoded}`
        ? [200, {}]
        : [401, { 'www-authenticate': 'basic' }];
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await ask(`[::1]:${port}`)).toEqual({ outcome: 'accepted' });
  expect(await ask(`[::1]:${port}`, { username: 'other' })).toEqual({ outcome: 'refused' });
});
