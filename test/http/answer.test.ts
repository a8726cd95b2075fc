import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { RekeyError } from '../../lib/core/errors.ts';
import type { HttpAnswer } from '../../lib/core/ports.ts';
import { failure, parsed, succeeded } from '../../lib/http/answer.ts';

const canary = 'canary-7f3a';
const answer = (change: Partial<HttpAnswer>): HttpAnswer => ({
  status: 200,
  headers: {},
  body: canary,
  retryAfter: undefined,
  ...change,
});
const Key = z.object({ id: z.string(), nested: z.object({ name: z.string() }) });

test.each([
  [401, 'admin-refused'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [409, 'conflict'],
  [422, 'rejected'],
  [429, 'throttled'],
  [500, 'provider-failed'],
  [503, 'provider-failed'],
  [302, 'bad-answer'],
])('status %i means %s', (status, code) => {
  const error = failure('creating a key', answer({ status, retryAfter: 5 }));
  expect(error).toMatchObject({ code, retryAfter: 5 });
  expect(error.message).toMatch(new RegExp(`^creating a key: status ${status}: `));
  expect(error.message).not.toContain(canary);
});

test('a call may give a status another meaning', () => {
  const error = failure('creating a key', answer({ status: 409 }), {
    409: ['quota', 'delete a key'],
  });
  expect(error).toMatchObject({
    code: 'quota',
    message: 'creating a key: status 409: delete a key',
  });
});

test.each([
  [199, false],
  [200, true],
  [204, true],
  [299, true],
  [300, false],
])('status %i: succeeded() is %s', (status, wanted) =>
  expect(succeeded(answer({ status }))).toBe(wanted),
);

describe('a body', () => {
  test('parsed() returns a valid JSON body', () => {
    const body = JSON.stringify({ id: 'a', nested: { name: 'b', more: 1 } });
    expect(parsed('reading', answer({ body }), Key)).toEqual({ id: 'a', nested: { name: 'b' } });
  });

  test.each([
    [
      'HTML',
      { headers: { 'content-type': 'text/html; charset=utf-8' } },
      'reading: status 200 with a body that is not JSON (text/html)',
    ],
    ['nothing', { body: '' }, 'reading: status 200 with a body that is not JSON (no content type)'],
    [
      'a wrong type',
      { body: `{"id":"${canary}","nested":{"name":7}}` },
      'reading: the answer\'s "nested.name" is missing or not as documented',
    ],
    [
      'a missing field',
      { body: `{"nested":{"name":"${canary}"}}` },
      'reading: the answer\'s "id" is missing or not as documented',
    ],
    ['null', { body: 'null' }, 'reading: the answer\'s "" is missing or not as documented'],
  ])(
    'parsed() throws bad-answer for a body of %s, and names what was expected',
    (_name, change, message) => {
      const error = catching(() => parsed('reading', answer(change), Key));
      expect(error).toBeInstanceOf(RekeyError);
      expect(error).toMatchObject({ code: 'bad-answer', message });
      expect(JSON.stringify(error)).not.toContain(canary);
    },
  );

  test('parsed() throws the error for a status that is not a success', () => {
    expect(catching(() => parsed('reading', answer({ status: 401 }), Key))).toMatchObject({
      code: 'admin-refused',
    });
  });
});

function catching(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
