import { expect, test } from 'vitest';
import { claimsOf, parseJson } from '../../lib/core/json.ts';

test.each([
  ['{"a":1}', { a: 1 }],
  ['null', null],
  ['"a"', 'a'],
  ['', undefined],
  ['<p>', undefined],
  ['{"a":', undefined],
])('the value in %j is %j', (text, value) => expect(parseJson(text)).toEqual(value));

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['a signed token', `${part({})}.${part({ exp: 1 })}.c2ln`, { exp: 1 }],
  ['a token with other letters', `${part({})}.${part({ sub: 'jörg' })}.c2ln`, { sub: 'jörg' }],
  ['an opaque token', 'abc', undefined],
  ['a text with points', 'a.b.c', undefined],
  ['nothing', '', undefined],
])('the claims of %s', (_what, token, claims) => expect(claimsOf(token)).toEqual(claims));
