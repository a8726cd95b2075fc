import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { createFaults, htmlPage } from '../../lib/sandbox/faults.ts';
import { serve } from '../../lib/sandbox/serve.ts';

async function server() {
  const faults = createFaults();
  const work: string[] = [];
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use('*', faults.middleware);
  app.all('*', (context) => {
    work.push(context.req.path);
    return context.json({ done: 'äöü' }, 201, { 'x-work': 'yes' });
  });
  const served = await serve(app);
  onTestFinished(() => served.close());
  return {
    ...served,
    faults,
    work,
    ask: (path: string, init?: RequestInit) => fetch(`${served.url}${path}`, init),
  };
}

test('without a fault the server does its work', async () => {
  const { ask, work } = await server();
  expect((await ask('/a')).status).toBe(201);
  expect(work).toEqual(['/a']);
});

test('a status fault replaces the answer, and the work is not done', async () => {
  const { ask, faults, work } = await server();
  faults.next(/GET/, { status: 503, headers: { 'retry-after': '1' }, body: 'later' });
  const answer = await ask('/a');
  expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([
    503,
    '1',
    'later',
  ]);
  expect(work).toEqual([]);
});

test('a status fault may follow the work, without a trace of the real answer', async () => {
  const { ask, faults, work } = await server();
  faults.next(/GET/, { status: 500, carriedOut: true });
  const answer = await ask('/a');
  expect([answer.status, answer.headers.get('x-work'), await answer.text()]).toEqual([
    500,
    null,
    '',
  ]);
  expect(work).toEqual(['/a']);
});

test("a proxy's page is HTML", async () => {
  const { ask, faults } = await server();
  faults.next(/GET/, htmlPage(429));
  const answer = await ask('/a');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([429, 'text/html']);
  expect(await answer.text()).toContain('<h1>429</h1>');
});

test.each([
  ['before', []],
  ['after', ['/a']],
] as const)('a connection is cut %s the work', async (cut, done) => {
  const { ask, faults, work } = await server();
  faults.next(/POST/, { cut });
  await expect(ask('/a', { method: 'POST' })).rejects.toThrow();
  expect(work).toEqual(done);
});

test('a truncated answer has its real status and headers', async () => {
  const { ask, faults } = await server();
  faults.next(/GET/, { truncate: true });
  const answer = await ask('/a');
  expect([
    answer.status,
    answer.headers.get('x-work'),
    answer.headers.get('content-length'),
  ]).toEqual([201, 'yes', '17']);
  await expect(answer.text()).rejects.toThrow();
});

test('a hang sends no answer', async () => {
  const { ask, faults, work } = await server();
  faults.next(/GET/, { hang: true });
  await expect(ask('/a', { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  expect(work).toEqual([]);
});

test('faults are used up in order, each by a matching request', async () => {
  const { ask, faults } = await server();
  faults.next(/^GET \/b$/, { status: 404 });
  faults.next(/^GET/, { status: 500 }, 2);
  const statuses = [];
  for (const path of ['/a', '/b', '/b', '/b']) statuses.push((await ask(path)).status);
  expect(statuses).toEqual([500, 404, 500, 201]);
});

test('cleared faults do not happen', async () => {
  const { ask, faults } = await server();
  faults.next(/GET/, { status: 500 });
  faults.clear();
  expect((await ask('/a')).status).toBe(201);
});

test('an error names the port that is in use', async () => {
  const { host } = await server();
  const port = Number(host.split(':')[1]);
  await expect(serve(new Hono(), port)).rejects.toThrow(
    `port ${port} on 127.0.0.1 is in use; choose another one`,
  );
});
