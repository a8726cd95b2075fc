import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../../lib/core/ports.ts';
import { jsonApi, LIST_BYTES } from '../../../lib/providers/client/index.ts';
import { recorder } from './recorder.ts';

const Body = z.object({ name: z.string() });
const meanings = { 403: 'grant the right', 418: ['quota', 'no tea is left'] } as const;

const open = (answer: Partial<HttpAnswer> = {}) => {
  const { call, requests } = recorder(() => ({ body: '{"name":"a"}', ...answer }));
  const headers = { authorization: 'Bearer secret' };
  return { api: jsonApi(call, { vendor: 'acme', headers, meanings }), requests };
};

describe('a request', () => {
  test('jsonApi sends a request to the endpoint with the headers of the API', async () => {
    const { api, requests } = open();
    expect(await api.get('read the project', '/projects/1?all=true', Body)).toEqual({ name: 'a' });
    expect(requests).toMatchObject([
      {
        method: 'GET',
        url: 'https://api.acme.test/projects/1?all=true',
        headers: { accept: 'application/json', authorization: 'Bearer secret' },
      },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
    expect(requests[0]?.body).toBeUndefined();
  });

  test('jsonApi sends a JSON body, or a form', async () => {
    const { api, requests } = open();
    await api.post('create the key', '/keys', { label: 'ä' });
    await api.send('POST', 'end the key', '/end', { form: { token: 'a+b' }, idempotent: true });
    expect(requests.map(({ body, headers }) => [headers?.['content-type'], body])).toEqual([
      ['application/json', '{"label":"ä"}'],
      ['application/x-www-form-urlencoded', 'token=a%2Bb'],
    ]);
  });

  test('jsonApi marks all requests but POST as repeatable by default', async () => {
    const { api, requests } = open();
    await api.get('read', '/', Body);
    await api.put('change', '/', {});
    await api.patch('change', '/', {});
    await api.delete('delete', '/');
    await api.send('GET', 'create', '/', { idempotent: false });
    await api.send('POST', 'end', '/', { idempotent: true });
    await api.post('create', '/');
    expect(requests.map(({ idempotent }) => idempotent)).toEqual([
      ...[true, true, true, true],
      ...[false, true, false],
    ]);
  });

  test('jsonApi accepts a larger answer for a list than for other requests', async () => {
    const { api, requests } = open();
    await api.list('list the keys', '/keys', Body);
    await api.get('read the key', '/keys/1', Body);
    expect(requests.map(({ maxBytes }) => maxBytes)).toEqual([LIST_BYTES, undefined]);
  });

  test('jsonApi can compute headers from the request', async () => {
    const { call, requests } = recorder(() => ({ body: '{}' }));
    const headers = (request: Pick<HttpRequest, 'method' | 'url' | 'body'>) => ({
      signature: `${request.method} ${request.url} ${request.body}`,
    });
    await jsonApi(call, { vendor: 'acme', headers }).post('create the key', '/keys', { a: 1 });
    expect(requests[0]?.headers).toMatchObject({
      signature: 'POST https://api.acme.test/keys {"a":1}',
    });
  });
});

describe('an id', () => {
  test('jsonApi appends an id to the path', async () => {
    const { api, requests } = open();
    await api.delete('delete the key', '/keys', { id: 'A_b-1' });
    expect(requests[0]?.url).toBe('https://api.acme.test/keys/A_b-1');
  });

  test.each(['', '.', '..', '../x', 'a/b', '?a', '%2e', 'a b', 'ä', 'a'.repeat(129)])(
    'jsonApi sends nothing for the impossible id %j',
    async (id) => {
      const { api, requests } = open();
      await expect(api.delete('delete the key', '/keys', { id })).rejects.toMatchObject({
        code: 'rejected',
        message: 'acme: delete the key: the provider gives no such id',
      });
      expect(requests).toEqual([]);
    },
  );
});

describe('an error', () => {
  test.each([
    [401, 'admin-refused', 'status 401: the provider refuses the admin credential'],
    [403, 'forbidden', 'status 403: grant the right'],
    [418, 'quota', 'status 418: no tea is left'],
  ])('jsonApi turns status %i into %s', async (status, code, text) => {
    const { api } = open({ status });
    const message = expect.stringContaining(`acme: read the key: ${text}`);
    await expect(api.get('read the key', '/', Body)).rejects.toMatchObject({ code, message });
  });

  test('jsonApi names the purpose of a request that got no answer', async () => {
    const cause = new RekeyError('unreachable', 'acme.test gave no answer');
    const { call } = recorder(() => Promise.reject(cause));
    await expect(jsonApi(call, { vendor: 'acme' }).post('create', '/')).rejects.toMatchObject({
      code: 'unreachable',
      message: 'acme: create: acme.test gave no answer',
      cause,
    });
  });

  test('jsonApi passes an error on that is not rekey’s own', async () => {
    const reason = new Error('the time is over');
    const { call } = recorder(() => Promise.reject(reason));
    await expect(jsonApi(call, { vendor: 'acme' }).post('create', '/')).rejects.toBe(reason);
  });

  test('jsonApi prefers the meaning of a body to that of its status', async () => {
    const { call } = recorder(() => ({ status: 404, body: 'the key is expired' }));
    const api = jsonApi(call, {
      vendor: 'acme',
      meaningOf: ({ body }) =>
        body.includes('expired') ? ['admin-refused', 'renew it'] : undefined,
    });
    const confirmation = { meanings: { 404: 'there is no such key' } };
    await expect(api.put('change', '/', {}, confirmation)).rejects.toMatchObject({
      code: 'admin-refused',
    });
  });

  test('jsonApi shows the status of an answer, and none of its text, in an error', async () => {
    const { api } = open({ status: 201, body: '{"CANARY":1}' });
    const answer = await api.post('create the key', '/');
    expect(() => answer.read(Body)).toThrow('the answer\'s "name" is missing');
    expect(answer.error('bad-answer', 'it holds no key').message).toBe(
      'acme: create the key: status 201: it holds no key',
    );
  });
});

describe('a change', () => {
  test.each<[string, Partial<HttpAnswer>, boolean]>([
    ['204', { status: 204, body: '' }, true],
    ['200 with an object', { status: 200, body: '{}' }, true],
    ['200 with nothing', { status: 200, body: '' }, false],
    ['200 with a page', { status: 200, body: '<p>' }, false],
    ['200 with a list', { status: 200, body: '[]' }, false],
    ['302', { status: 302, body: '{}' }, false],
    ['404', { status: 404, body: '{}' }, false],
  ])('jsonApi takes a change answered by %s as done: %s', async (_what, answer, done) => {
    const work = open(answer).api.delete('delete the key', '/keys', { id: 'a' });
    if (done) await work;
    else await expect(work).rejects.toBeInstanceOf(RekeyError);
  });

  test('jsonApi takes a status in gone as success', async () => {
    await open({ status: 404 }).api.delete('delete the key', '/keys', { id: 'a', gone: [404] });
  });

  test('jsonApi fails on a status in gone if goneIf throws', async () => {
    const goneIf = () => Promise.reject(new Error('no such project'));
    const at = (status: number) => {
      const { api } = open({ status, body: '' });
      return api.delete('delete the key', '/keys', { id: 'a', gone: [404], goneIf });
    };
    await expect(at(404)).rejects.toThrow('no such project');
    await at(204);
  });

  test('jsonApi accepts an empty answer to a change only on request', async () => {
    await open({ status: 200, body: ' ' }).api.put('enable the key', '/', {}, { empty: true });
    await expect(
      open({ status: 500, body: '' }).api.put('enable the key', '/', {}, { empty: true }),
    ).rejects.toMatchObject({ code: 'provider-failed' });
  });
});

describe('a vendor that throttles', () => {
  const now = Date.parse('2030-01-01T00:00:00Z') / 1000;
  test.each<[string, Partial<HttpAnswer>, number | undefined]>([
    ['Retry-After', { retryAfter: 7000 }, 7000],
    [
      'the time at which its limit resets',
      { headers: { 'ratelimit-reset': `${now + 90}` } },
      90_000,
    ],
    ['a time that has passed', { headers: { 'ratelimit-reset': `${now - 90}` } }, 0],
    ['a word', { headers: { 'ratelimit-reset': 'soon' } }, undefined],
    ['nothing', {}, undefined],
    [
      'both, of which Retry-After counts',
      { retryAfter: 7000, headers: { 'ratelimit-reset': `${now + 90}` } },
      7000,
    ],
  ])('jsonApi reads when a throttled vendor eases, from %s', async (_what, answer, retryAfter) => {
    const { api } = open({ status: 429, ...answer });
    await expect(api.post('create', '/')).resolves.toMatchObject({ retryAfter });
    await expect(api.get('read', '/', Body)).rejects.toMatchObject({
      code: 'throttled',
      retryAfter,
    });
  });
});
