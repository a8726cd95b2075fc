import { createServer, type RequestListener } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import type { Http, HttpRequest } from '../../lib/core/ports.ts';
import { createHttp, type HttpOptions } from '../../lib/http/client.ts';
import { LOOPBACK } from '../../lib/http/guard.ts';
import { createFaults } from '../../lib/sandbox/faults.ts';
import { serve } from '../../lib/sandbox/serve.ts';

/** A server that counts the work it does, one unit per request, with optional faults. */
export async function workshop() {
  const faults = createFaults();
  const work: string[] = [];
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use('*', faults.middleware);
  app.all('*', async (context) => {
    work.push(`${context.req.method} ${await context.req.text()}`);
    return context.json({ done: 'äöü'.repeat(20) }, 200, { 'X-Work': String(work.length) });
  });
  const served = await serve(app);
  onTestFinished(() => served.close());
  return { ...served, faults, work };
}

/** A low-level server, for answers that hono would not send. */
export async function handmade(
  listener: RequestListener,
): Promise<{ readonly url: string; readonly host: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return { url: `http://${host}`, host };
}

/** A client whose pauses take no time and are recorded. */
export function client(options: HttpOptions = {}): Http & { readonly pauses: number[] } {
  const pauses: number[] = [];
  const sleep = async (ms: number) => void pauses.push(ms);
  const http = createHttp({
    deadline: 5000,
    random: () => 0.5,
    allow: LOOPBACK,
    sleep,
    ...options,
  });
  onTestFinished(() => http.close());
  return { ...http, pauses };
}

export const get = (url: string, change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  idempotent: true,
  signal: new AbortController().signal,
  ...change,
});

/** A create request, which must not be repeated. */
export const post = (url: string, change: Partial<HttpRequest> = {}): HttpRequest =>
  get(url, { method: 'POST', body: 'one', idempotent: false, ...change });
