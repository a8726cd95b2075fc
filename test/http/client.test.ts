import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RekeyError } from '../../lib/core/errors.ts';
import { client, get, handmade, post, workshop } from './server.ts';

describe('an answer', () => {
  test('the client returns status, lower-case headers and body', async () => {
    const { url } = await workshop();
    const answer = await client().send(post(url));
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'x-work': '1' },
      retryAfter: undefined,
    });
    expect(JSON.parse(answer.body)).toEqual({ done: 'äöü'.repeat(20) });
  });

  test('the client joins repeated headers with a comma', async () => {
    const { url } = await handmade((_request, response) => {
      response.writeHead(401, [
        ['WWW-Authenticate', 'Basic realm="a"'],
        ['WWW-Authenticate', 'Bearer realm="b"'],
      ] as never);
      response.end();
    });
    const { headers } = await client().send(get(url));
    expect(headers['www-authenticate']).toBe('Basic realm="a", Bearer realm="b"');
  });

  test.each([301, 302, 303, 307, 308])(
    'the client returns a redirect %i without following it',
    async (status) => {
      const { url, faults, work } = await workshop();
      faults.next(/GET/, { status, headers: { location: `${url}/elsewhere` } });
      expect(await client().send(get(url))).toMatchObject({
        status,
        headers: { location: `${url}/elsewhere` },
      });
      expect(work).toEqual([]);
    },
  );

  test.each([
    ['with a content length', (size: number) => ({ 'content-length': String(size) })],
    ['without a content length', () => ({})],
  ])('the client rejects a body over the limit, %s', async (_name, headers) => {
    const { url, host } = await handmade((_request, response) => {
      response.writeHead(200, headers(2 << 20)).end(Buffer.alloc(2 << 20, 'x'));
    });
    const http = client();
    await expect(http.send(get(url))).rejects.toMatchObject({
      code: 'bad-answer',
      message: `${host} sent more than 1048576 bytes`,
    });
    expect(http.pauses).toEqual([]);
  });

  test('the client rejects an endless body at the limit', async () => {
    const { url } = await handmade((_request, response) => {
      const more = () =>
        response.write(Buffer.alloc(1 << 16), (error) => error ?? setImmediate(more));
      more();
    });
    await expect(client({ maxBytes: 1 << 18 }).send(get(url))).rejects.toMatchObject({
      code: 'bad-answer',
    });
  });

  test('the client reads a body of exactly the limit', async () => {
    const { url } = await handmade((_request, response) => void response.end('x'.repeat(1000)));
    expect((await client({ maxBytes: 1000 }).send(get(url))).body).toHaveLength(1000);
  });

  test('a request may raise the size limit for its own answer only', async () => {
    const { url } = await handmade((_request, response) => void response.end('x'.repeat(2000)));
    const http = client({ maxBytes: 1000 });
    expect((await http.send({ ...get(url), maxBytes: 2000 })).body).toHaveLength(2000);
    await expect(http.send({ ...get(url), maxBytes: 1999 })).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('sent more than 1999 bytes'),
    });
    await expect(http.send(get(url))).rejects.toMatchObject({
      message: expect.stringContaining('sent more than 1000 bytes'),
    });
  });

  test('the client rejects oversized headers as unreachable', async () => {
    const { url } = await handmade(
      (_request, response) => void response.writeHead(200, { x: 'x'.repeat(1 << 17) }).end(),
    );
    await expect(client().send(get(url))).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('the client rejects an answer that is not HTTP as unreachable', async () => {
    const server = createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(client().send(get(`http://127.0.0.1:${port}`))).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});

describe('the deadline', () => {
  test('the deadline ends a call without an answer', async () => {
    const { url, host, faults } = await workshop();
    faults.next(/GET/, { hang: true });
    const http = client({ deadline: 80 });
    await expect(http.send(get(url))).rejects.toMatchObject({
      code: 'unreachable',
      message: `${host} gave no answer within 80 ms`,
    });
    expect(http.pauses).toEqual([]);
  });

  test('the deadline ends an answer that never ends', async () => {
    const { url } = await handmade((_request, response) => void response.write('{'));
    await expect(client({ deadline: 80 }).send(get(url))).rejects.toMatchObject({
      code: 'unreachable',
    });
  });

  test('the deadline covers all attempts and pauses together', async () => {
    const { url, faults } = await workshop();
    faults.next(/GET/, { status: 429, headers: { 'retry-after': '3' } }, 3);
    const http = client({ deadline: 5000 });
    expect(await http.send(get(url))).toMatchObject({ status: 429, retryAfter: 3000 });
    expect(http.pauses).toEqual([3000]);
  });

  test('the client skips a pause that would outlast the deadline', async () => {
    const { url, faults } = await workshop();
    faults.next(/GET/, { status: 503, headers: { 'retry-after': '3600' } });
    const http = client();
    expect(await http.send(get(url))).toMatchObject({ status: 503, retryAfter: 3_600_000 });
    expect(http.pauses).toEqual([]);
  });
});

describe('errors', () => {
  const canary = 'canary-7f3a';
  const headers = { authorization: `Basic ${canary}` };
  const body = canary;

  test.each([
    ['no server listens', 'http://127.0.0.1:1', 'ECONNREFUSED'],
    ['the port does not exist', 'http://127.0.0.1:99999', 'an unusable URL'],
    ['the server does not use TLS', 'https://127.0.0.1:1', 'ECONNREFUSED'],
  ])('an error has no path, query, header or body if %s', async (_name, base, wanted) => {
    const origin = base.replace('://', `://${canary}:${canary}@`);
    const url = `${origin}/${canary}?token=${canary}#${canary}`;
    const error = await client()
      .send(get(url, { method: 'PUT', headers, body }))
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RekeyError);
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining(wanted) });
    expect(
      `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`,
    ).not.toContain(canary);
  });

  test.each([{ cut: 'before' }, { cut: 'after' }, { truncate: true }, { hang: true }] as const)(
    'an error has no path, query, header or body after %j',
    async (fault) => {
      const { url, faults } = await workshop();
      faults.next(/PUT/, fault, 3);
      const error = await client({ deadline: 200 })
        .send(get(`${url}/${canary}?token=${canary}`, { method: 'PUT', headers, body }))
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'unreachable' });
      expect(
        `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`,
      ).not.toContain(canary);
    },
  );

  test('an aborted call throws the reason of the signal', async () => {
    const over = new Error('over');
    const { url, faults, work } = await workshop();
    await expect(client().send(get(url, { signal: AbortSignal.abort(over) }))).rejects.toBe(over);
    expect(work).toEqual([]);

    const during = new AbortController();
    faults.next(/GET/, { hang: true });
    const call = client().send(get(url, { signal: during.signal }));
    setImmediate(() => during.abort(over));
    await expect(call).rejects.toBe(over);
  });

  test('a call that is aborted during a pause throws the reason of the signal', async () => {
    const over = new Error('over');
    const { url, faults } = await workshop();
    faults.next(/GET/, { status: 503, headers: { 'retry-after': '60' } });
    const controller = new AbortController();
    // a real pause of 60 s, cut short
    const http = client({ deadline: 120_000, sleep: undefined, random: () => 0 });
    const call = http.send(get(url, { signal: controller.signal }));
    setTimeout(() => controller.abort(over), 50);
    await expect(call).rejects.toBe(over);
  });
});
