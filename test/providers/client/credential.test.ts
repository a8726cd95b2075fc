import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { RekeyError } from '../../../lib/core/errors.ts';
import {
  digestId,
  dockerLogins,
  select,
  takeBack,
  whenUnknown,
} from '../../../lib/providers/client/index.ts';

describe('select', () => {
  const items = ['rekey-a-1', 'rekey-a-2', 'rekey-b-1', 'off'];
  const found = (label: string) => label !== 'off' && { id: label, label };
  const labels = async (...args: Parameters<typeof select<string>>) =>
    (await select(...args)).map(({ label }) => label);

  test('select keeps the labels with a prefix', async () => {
    expect(await labels({ prefix: 'rekey-a-' }, items, found)).toEqual(['rekey-a-1', 'rekey-a-2']);
    expect(await labels({ prefix: '' }, items, found)).toHaveLength(3);
  });

  test('select keeps one label', async () => {
    expect(await labels({ label: 'rekey-a-1' }, items, found)).toEqual(['rekey-a-1']);
    expect(await labels({ label: 'rekey-a-' }, items, found)).toEqual([]);
  });

  test('select reads items that come page by page', async () => {
    async function* pages() {
      yield* items;
    }
    expect(await labels({ prefix: 'rekey-b' }, pages(), found)).toEqual(['rekey-b-1']);
  });
});

describe('takeBack', () => {
  const error = new RekeyError('bad-answer', 'it holds no key');

  test('takeBack revokes, and resolves to the error', async () => {
    const revoked: unknown[] = [];
    const revoke = async (...what: unknown[]) => {
      revoked.push(what);
    };
    expect(await takeBack({ revoke }, 'call', 'an-id', error)).toBe(error);
    expect(revoked).toEqual([['call', { id: 'an-id' }]]);
  });

  test('takeBack resolves to the same error if the revocation fails', async () => {
    const revoke = () => Promise.reject(new Error('no'));
    expect(await takeBack({ revoke }, 'call', 'an-id', error)).toBe(error);
  });
});

describe('dockerLogins', () => {
  const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });

  test('dockerLogins reads each login of a Docker config', () => {
    const auths = { 'a.test': auth('user:one'), 'b.test:5000': auth('a:b:two\n') };
    const logins = dockerLogins.parse({ auths });
    expect(logins.map(({ password, ...login }) => ({ ...login, text: password.reveal() }))).toEqual(
      [
        { registry: 'a.test', username: 'user', text: 'one' },
        { registry: 'b.test:5000', username: 'a:b', text: 'two' },
      ],
    );
    expect(inspect(logins, { depth: 9 })).not.toContain('one');
  });

  test.each([
    ['a path in the host', { 'a.test/x': auth('user:CANARY') }],
    ['a user in the host', { 'CANARY@a.test': auth('user:CANARY') }],
    ['no colon', { 'a.test': auth('CANARY') }],
    ['no password', { 'a.test': auth('CANARY:') }],
    ['a line break', { 'a.test': auth('user:CANARY\r\nx') }],
    ['a number', { 'a.test': { auth: 7 } }],
    ['null', { 'a.test': null }],
  ])('dockerLogins leaves out a login with %s', (_what, auths) => {
    expect(dockerLogins.parse({ auths })).toEqual([]);
  });
});

test('an id that is a digest is stable and reveals nothing', () => {
  expect(digestId('secret')).toMatch(/^[0-9a-f]{32}$/);
  expect(digestId('secret')).toBe(digestId('secret'));
  expect(digestId('secret', 24)).toBe(digestId('secret').slice(0, 24));
});

test('suspending an unknown credential is success, restoring it is not', () => {
  expect(whenUnknown(false)).toEqual({ gone: [404] });
  expect(whenUnknown(true)).toMatchObject({ meanings: { 404: expect.any(String) } });
});
