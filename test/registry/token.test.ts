import { describe, expect, test } from 'vitest';
import { Secret } from '../../lib/core/secret.ts';
import { errorCodes, missingActions, readToken } from '../../lib/registry/token.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => new Secret(`${part({ alg: 'RS256' })}.${part(claims)}.signature`);
const grant = (change: object = {}) => ({
  type: 'repository',
  name: 'acme/app',
  actions: ['pull', 'push'],
  ...change,
});

describe('the rights of a token', () => {
  test.each<[string, unknown, readonly string[] | undefined]>([
    ['with both rights lacks nothing', { access: [grant()] }, []],
    ['with one right lacks the other', { access: [grant({ actions: ['pull'] })] }, ['push']],
    ['with all rights lacks nothing', { access: [grant({ actions: ['*'] })] }, []],
    [
      'with two entries has the rights of both',
      { access: [grant({ actions: ['pull'] }), grant({ actions: ['push'] })] },
      [],
    ],
    [
      'for a class of repositories lacks nothing',
      { access: [grant({ type: 'repository(plugin)' })] },
      [],
    ],
    [
      'for another repository lacks both',
      { access: [grant({ name: 'acme/other' })] },
      ['pull', 'push'],
    ],
    [
      'for another resource type of that name lacks both',
      { access: [grant({ type: 'registry' })] },
      ['pull', 'push'],
    ],
    ['with no actions lacks both', { access: [grant({ actions: [] })] }, ['pull', 'push']],
    ['with null for actions lacks both', { access: [grant({ actions: null })] }, ['pull', 'push']],
    ['without an entry lacks both', { access: [] }, ['pull', 'push']],
    ['without the claim is undecided', {}, undefined],
    ['with another claim of that name is undecided', { access: 'all' }, undefined],
    ['that is not an object is undecided', null, undefined],
  ])('for pull and push, a token %s', (_name, claims, wanted) =>
    expect(missingActions(jwt(claims), 'acme/app', ['pull', 'push'])).toEqual(wanted),
  );

  test.each(['opaque', 'a.b', 'a.b.c', '..', '.e30.'])('a token %j is undecided', (text) => {
    expect(missingActions(new Secret(text), 'acme/app', ['pull'])).toBeUndefined();
  });
});

test.each<[string, string | undefined]>([
  ['{"token":"a","access_token":"b"}', 'a'],
  ['{"access_token":"b","expires_in":60}', 'b'],
  ['{"token":"a.b-c_d~e+f/g=="}', 'a.b-c_d~e+f/g=='],
  ['{"token":"","access_token":"b"}', 'b'],
  ['{"token":"a","access_token":null}', 'a'],
  ['{"token":"a b"}', undefined],
  ['{"token":""}', undefined],
  ['{"token":null}', undefined],
  ['[]', undefined],
  ['null', undefined],
  ['', undefined],
])('the token in %s is %s', (body, wanted) => expect(readToken(body)?.reveal()).toBe(wanted));

test.each<[string, string[]]>([
  ['{"errors":[{"code":"DENIED"},{"code":"UNKNOWN"}]}', ['DENIED', 'UNKNOWN']],
  ['{"errors":[]}', []],
  ['{"errors":[{}]}', []],
  ['{"error":"denied"}', []],
  ['<html>', []],
])('the error codes in %s are %j', (body, wanted) => expect(errorCodes(body)).toEqual(wanted));
