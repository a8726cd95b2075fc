import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Served, serve } from '../serve.ts';
import { ConnectionLost } from './faults.ts';
import type { Handle } from './wire.ts';

/**
 * More than the largest request of the three services: 1 MiB of events or messages plus JSON's
 * overhead.
 */
const MAX_BODY = 8 * 1_048_576;

/** The embedded AWS over HTTP on loopback, for clients that are not in this process. */
export function serveAws(handle: Handle, port: number): Promise<Served> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const tooLarge = () =>
    Response.json(
      { __type: 'RequestEntityTooLargeException', message: 'the request is too large' },
      { status: 413 },
    );
  app.post('*', bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }), async (context) => {
    try {
      const origin = `http://${context.req.header('host') ?? '127.0.0.1'}`;
      const answer = await handle({
        headers: context.req.header(),
        body: await context.req.text(),
        origin,
      });
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      context.env.outgoing.destroy();
      return new Promise<Response>(() => {});
    }
  });
  // a bug becomes an internal failure of the service; the stack must not reach a client
  app.onError(() =>
    Response.json(
      { __type: 'InternalFailure', message: 'the embedded AWS failed' },
      { status: 500 },
    ),
  );
  return serve(app, port);
}
