import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { ask, password, plainHost, strictHost } from './hosts.ts';

const repository = 'acme/app';
const jwt = (actions: readonly string[]) =>
  new Secret(
    `e30.${Buffer.from(JSON.stringify({ access: [{ type: 'repository', name: repository, actions }] })).toString('base64url')}.x`,
  );
const errors = (code: string) =>
  JSON.stringify({ errors: [{ code, message: 'CANARY', detail: {} }] });
const bearer = { bearer: { repository } };

describe('a bearer token', () => {
  test('is shown to its repository, and to no token server', async () => {
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

  test('is not accepted by a registry that shows its tags whatever the token', async () => {
    const { host } = await plainHost(200, { 'content-type': 'application/json' }, '{"tags":[]}');
    expect(await ask(host, bearer)).toEqual({ outcome: 'unknown', cause: 'open-to-all' });
  });

  test.each([
    ['a refusal', 401, errors('UNAUTHORIZED'), { outcome: 'refused' }],
    ['a denial', 403, errors('DENIED'), { outcome: 'lacks-rights', missing: ['pull'] }],
    ['a firewall', 403, '<html>', { outcome: 'unknown', cause: 'not-allowed' }],
    [
      'a repository that is gone, which is looked for after the token',
      404,
      errors('NAME_UNKNOWN'),
      { outcome: 'accepted' },
    ],
    ['a page that is not there', 404, 'not found', { outcome: 'unknown', cause: 'not-a-registry' }],
    ['a redirect', 302, '', { outcome: 'unknown', cause: 'not-a-registry' }],
    ['a throttle', 429, '', { outcome: 'unknown', cause: 'throttled' }],
    ['a failure', 503, '', { outcome: 'unknown', cause: 'failed' }],
  ])('answered by %s', async (_what, status, body, verdict) => {
    const { host } = await strictHost(status, {}, body);
    expect(await ask(host, bearer)).toEqual(verdict);
  });

  test('is not accepted by a page of HTML', async () => {
    const { host } = await strictHost(200, { 'content-type': 'text/html' }, '<html>');
    expect(await ask(host, bearer)).toEqual({ outcome: 'unknown', cause: 'not-a-registry' });
  });

  test('lacks the rights that its claims lack', async () => {
    const { host } = await strictHost(200, { 'content-type': 'application/json' }, '{}');
    const access = { repository, actions: ['pull', 'push'] };
    const verdict = (actions: readonly string[]) =>
      ask(host, { ...bearer, password: jwt(actions), access });
    expect(await verdict(['pull'])).toEqual({ outcome: 'lacks-rights', missing: ['push'] });
    expect(await verdict(['pull', 'push'])).toEqual({ outcome: 'accepted' });
  });

  test('looks up a manifest as it is', async () => {
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
