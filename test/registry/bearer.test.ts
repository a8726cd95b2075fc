import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { ask, password, plainHost, strictHost } from './hosts.ts';

const repository = 'acme/app';
const jwt = (actions: readonly string[]) => {
  const claims = { access: [{ type: 'repository', name: repository, actions }] };
  return new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`);
};
const errors = (code: string) =>
  JSON.stringify({ errors: [{ code, message: 'CANARY', detail: {} }] });
const bearer = { bearer: { repository } };

describe('a bearer token', () => {
  test('a bearer token is sent to its repository, and to no token server', async () => {
    const { host, requests } = await strictHost(
      200,
      { 'content-type': 'application/json' },
      '{"tags":[]}',
    );
    expect(await ask(host, bearer)).toEqual({ outcome: 'accepted' });
    const line = 'GET /v2/acme/app/tags/list?n=1';
    const control = expect.stringMatching(/^Bearer rekey-control-/);
    expect(requests).toEqual([
      { line, authorization: `Bearer ${password}` },
      { line, authorization: control },
    ]);
  });

  test('a registry that shows its tags to any bearer token proves nothing', async () => {
    const { host } = await plainHost(200, { 'content-type': 'application/json' }, '{"tags":[]}');
    expect(await ask(host, bearer)).toEqual({ outcome: 'unknown', cause: 'open-to-all' });
  });

  test.each([
    ['a refusal', 401, errors('UNAUTHORIZED'), { outcome: 'refused' }],
    ['a denial', 403, errors('DENIED'), { outcome: 'lacks-rights', missing: ['pull'] }],
    ['a firewall', 403, '<html>', { outcome: 'unknown', cause: 'not-allowed' }],
    [
      'a deleted repository, which the registry looks for after the token',
      404,
      errors('NAME_UNKNOWN'),
      { outcome: 'accepted' },
    ],
    ['a missing page', 404, 'not found', { outcome: 'unknown', cause: 'not-a-registry' }],
    ['a redirect', 302, '', { outcome: 'unknown', cause: 'not-a-registry' }],
    ['a throttle', 429, '', { outcome: 'unknown', cause: 'throttled' }],
    ['a failure', 503, '', { outcome: 'unknown', cause: 'failed' }],
  ])('a bearer token answered by %s', async (_what, status, body, verdict) => {
    const { host } = await strictHost(status, {}, body);
    expect(await ask(host, bearer)).toEqual(verdict);
  });

  test('an HTML page does not accept a bearer token', async () => {
    const { host } = await strictHost(200, { 'content-type': 'text/html' }, '<html>');
    expect(await ask(host, bearer)).toEqual({ outcome: 'unknown', cause: 'not-a-registry' });
  });

  test('a bearer token lacks the rights that its claims lack', async () => {
    const { host } = await strictHost(200, { 'content-type': 'application/json' }, '{}');
    const access = { repository, actions: ['pull', 'push'] };
    const verdict = (actions: readonly string[]) =>
      ask(host, { ...bearer, password: jwt(actions), access });
    expect(await verdict(['pull'])).toEqual({ outcome: 'lacks-rights', missing: ['push'] });
    expect(await verdict(['pull', 'push'])).toEqual({ outcome: 'accepted' });
  });

  test('a manifest is requested with the bearer token itself', async () => {
    const { host, requests } = await strictHost(200, { 'content-type': 'application/json' }, '{}');
    const access = { repository, actions: ['pull'] };
    expect(
      await ask(host, { ...bearer, password: jwt(['pull']), access, manifest: 'latest' }),
    ).toEqual({ outcome: 'accepted' });
    const own = requests.filter(({ authorization }) => !authorization?.includes('rekey-control'));
    expect(own.map(({ line }) => line)).toEqual([
      'GET /v2/acme/app/tags/list?n=1',
      'HEAD /v2/acme/app/manifests/latest',
    ]);
    expect(new Set(own.map(({ authorization }) => authorization)).size).toBe(1);
  });
});
