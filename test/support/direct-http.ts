import type { Clock } from '../../lib/core/ports.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';
import { createHttp } from '../../lib/http/client.ts';
import type { Connections } from '../../lib/http/connections.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import { type App, type Served, servedAt } from '../../lib/sandbox/serve.ts';

interface Call {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | null;
  readonly signal: AbortSignal;
}

/** undici's error when a server closes the connection. */
const lost = () => Object.assign(new Error('the connection is gone'), { code: 'UND_ERR_SOCKET' });

type AppAt = (host: string) => App | undefined;

/**
 * Calls a server of this process without a socket. A fault that would affect the socket of an
 * answer ends the call in the same way.
 */
function send(appAt: AppAt, { origin, path, signal, method, body, ...given }: Call) {
  const { host } = new URL(origin);
  const app = appAt(host);
  const headers = { host, ...given.headers };
  return new Promise<object>((resolve, reject) => {
    if (!app) return reject(Object.assign(new Error(origin), { code: 'ECONNREFUSED' }));
    const end = () => reject(lost());
    const outgoing = {
      destroy: end,
      socket: { write: end, end },
      writeHead() {},
      flushHeaders() {},
      write: (_part: unknown, written?: () => void) => written?.(),
      once: (_event: string, closed: () => void) => signal.addEventListener('abort', closed),
    };
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const carried = async () => {
      const request = new Request(`${origin}${path}`, { method, headers, body });
      const answer = await app.fetch(request, { outgoing });
      const content = Buffer.from(await answer.arrayBuffer());
      const heads = Object.fromEntries(answer.headers);
      resolve({ statusCode: answer.status, headers: heads, body: [content] });
    };
    carried().catch(reject);
  });
}

function directTo(appAt: AppAt): Connections {
  const agent = { request: (call: Call) => send(appAt, call), destroy: async () => {} };
  const direct = { kept: async () => agent, alone: async () => agent, close: async () => {} };
  return direct as unknown as Connections;
}

/** A transport for `createHttp` that calls servers of this process directly. */
export const direct = directTo(servedAt);

/**
 * Hosts without sockets, and a transport that calls them. Their names are the same in each run: a
 * free port would be another one each time, and hosts are part of labels and of values.
 */
export function hostsWithoutSockets() {
  const apps = new Map<string, App>();
  let port = 10_000;
  return {
    async serve(app: App): Promise<Served> {
      port += 1;
      const host = `127.0.0.1:${port}`;
      apps.set(host, app);
      return { url: `http://${host}`, host, close: async () => void apps.delete(host) };
    },
    connections: directTo((host) => apps.get(host)),
  };
}

/** An engine that calls servers of this process directly, for tests that are not about the wire. */
export function withoutWire(engine: Engine, clock: Clock): Engine {
  const http = createHttp({ now: clock.now, sleep: clock.sleep, connections: direct });
  return { ...engine, http, registry: createRegistryCheck({ http, now: clock.now }) };
}
