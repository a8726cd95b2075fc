import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

/** An app on a port of 127.0.0.1. `close` also ends open connections. */
export interface Served {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  close(): Promise<void>;
}

/** An app of a simulated server. */
// biome-ignore lint/suspicious/noExplicitAny: the environment type of an app does not matter here
export type App = Hono<any>;

const apps = new Map<string, App>();

/**
 * The app that this process serves at a host, for direct calls of tests that are not about the
 * wire.
 */
export const servedAt = (host: string): App | undefined => apps.get(host);

/** Serves an app on loopback. Port 0 takes a free one. Throws if the port is in use. */
export async function serve(app: App, port = 0): Promise<Served> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} on 127.0.0.1 is in use; choose another one`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const host = `127.0.0.1:${address.port}`;
  apps.set(host, app);
  return {
    url: `http://${host}`,
    host,
    close: () =>
      new Promise((resolve) => {
        apps.delete(host);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
