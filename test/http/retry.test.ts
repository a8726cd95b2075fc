import { describe, expect, test } from 'vitest';
import { retryAfter } from '../../lib/http/retry-after.ts';
import { client, get, handmade, post, workshop } from './server.ts';

describe('a call that may be repeated', () => {
  test.each([429, 500, 502, 503, 504])(
    'the client repeats an idempotent call after status %i',
    async (status) => {
      const { url, faults } = await workshop();
      faults.next(/PUT/, { status }, 2);
      expect(await client().send(get(url, { method: 'PUT' }))).toMatchObject({ status: 200 });
    },
  );

  test.each([{ cut: 'before' }, { cut: 'after' }, { truncate: true }] as const)(
    'the client repeats an idempotent call after %j',
    async (fault) => {
      const { url, faults } = await workshop();
      faults.next(/GET/, fault, 2);
      expect(await client().send(get(url))).toMatchObject({ status: 200 });
    },
  );

  test.each([400, 401, 403, 404, 409, 422, 501])(
    'the client does not repeat a call after status %i',
    async (status) => {
      const { url, faults, work } = await workshop();
      faults.next(/GET/, { status });
      expect(await client().send(get(url))).toMatchObject({ status });
      expect(work).toEqual([]);
    },
  );

  test('the client gives up after three attempts, with the last answer', async () => {
    const { url, faults, work } = await workshop();
    faults.next(/GET/, { status: 500 }, 2);
    faults.next(/GET/, { status: 503, body: 'last' });
    expect(await client().send(get(url))).toMatchObject({ status: 503, body: 'last' });
    expect(work).toEqual([]);
  });

  test('the client waits longer each time, with jitter', async () => {
    for (const [random, pauses] of [
      [0, [100, 200, 400]],
      [0.5, [200, 400, 800]],
      [1, [300, 600, 1200]],
    ] as const) {
      const { url, faults } = await workshop();
      faults.next(/GET/, { status: 500 }, 3);
      const http = client({ attempts: 4, random: () => random });
      await http.send(get(url));
      expect(http.pauses).toEqual(pauses);
    }
  });

  test('the client waits as long as Retry-After says', async () => {
    const { url, faults } = await workshop();
    faults.next(/GET/, { status: 429, headers: { 'retry-after': '2' } });
    faults.next(/GET/, {
      status: 429,
      headers: { 'retry-after': 'Wed, 01 Jan 2030 00:00:01 GMT' },
    });
    const http = client({ now: () => new Date('2030-01-01T00:00:00Z'), deadline: 10_000 });
    // 1 January 2030 is a Tuesday, but the name of the day is not checked
    expect(await http.send(get(url))).toMatchObject({ status: 200 });
    expect(http.pauses).toEqual([2000, 1000]);
  });
});

describe('a create', () => {
  test.each([429, 500, 502, 503, 504])(
    'the client sends a create once, even after status %i',
    async (status) => {
      const { url, faults, work } = await workshop();
      faults.next(/POST/, { status, carriedOut: true });
      expect(await client().send(post(url))).toMatchObject({ status });
      expect(work).toEqual(['POST one']);
    },
  );

  test.each([
    [{ cut: 'before' } as const, []],
    [{ cut: 'after' } as const, ['POST one']],
    [{ truncate: true } as const, ['POST one']],
  ])('the client sends a create once, even after %j', async (fault, done) => {
    const { url, faults, work } = await workshop();
    faults.next(/POST/, fault);
    await expect(client().send(post(url))).rejects.toMatchObject({ code: 'unreachable' });
    expect(work).toEqual(done);
  });

  test('the client sends a create on its own connection, and closes it', async () => {
    const ports: (number | undefined)[] = [];
    const { url } = await handmade((request, response) => {
      ports.push(request.socket.remotePort);
      response.end(request.headers.connection);
    });
    const http = client();
    const answers = [];
    for (const request of [get(url), post(url), get(url), post(url), get(url)])
      answers.push((await http.send(request)).body);
    expect(answers).toEqual(['keep-alive', 'close', 'keep-alive', 'close', 'keep-alive']);
    const [first, create, second, other, third] = ports;
    expect(new Set([create, other]).size).toBe(2);
    for (const kept of [first, second, third]) expect([create, other]).not.toContain(kept);
  });

  test('a create is not repeated on a kept connection that was closed meanwhile', async () => {
    const { url, faults, work } = await workshop();
    const http = client();
    await http.send(get(url));
    faults.next(/POST/, { cut: 'after' });
    await expect(http.send(post(url))).rejects.toMatchObject({ code: 'unreachable' });
    expect(work).toEqual(['GET ', 'POST one']);
  });
});

test.each<[string | undefined, number | undefined]>([
  ['120', 120_000],
  [' 0 ', 0],
  ['Tue, 01 Jan 2030 00:02:00 GMT', 120_000],
  ['Tuesday, 01-Jan-30 00:02:00 GMT', 120_000],
  ['Mon, 31 Dec 2029 00:00:00 GMT', 0],
  ['-5', undefined],
  ['1.5', undefined],
  ['99999999999', undefined],
  ['2030', 2_030_000],
  ['2030-01-01', undefined],
  ['soon', undefined],
  ['Someday, soon GMT', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After "%s" means %s ms', (value, wanted) => {
  expect(retryAfter(value, new Date('2030-01-01T00:00:00Z'))).toBe(wanted);
});
