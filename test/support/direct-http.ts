import type { Clock } from '../../lib/core/ports.ts';
import type { Engine } from '../../lib/core/reconcile/index.ts';
import { createHttp } from '../../lib/http/client.ts';
import type { Connections } from '../../lib/http/connections.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import { servedAt } from '../../lib/sandbox/serve.ts';

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

/**
 * Calls a server of this process without a socket. A fault that would affect the socket of an
 * answer ends the call in the same way.
 */
function send({ origin, path, signal, method, body, ...given }: Call) {
  const { host } = new URL(origin);
  const app = servedAt(host);
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

const agent = { request: send, destroy: async () => {} };

/** A transport for `createHttp` that calls servers of this process directly. */
export const direct = {
  kept: async () => agent,
  alone: async () => agent,
  close: async () => {},
} as unknown as Connections;

/** An engine that calls servers of this process directly, for tests that are not about the wire. */
export function withoutWire(engine: Engine, clock: Clock): Engine {
  const http = createHttp({ now: clock.now, sleep: clock.sleep, connections: direct });
  return { ...engine, http, registry: createRegistryCheck({ http, now: clock.now }) };
}
