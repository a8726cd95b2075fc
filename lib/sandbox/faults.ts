import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';

/** A failure of one request. */
export type Fault =
  /**
   * An answer with this status instead of the real one. With `carriedOut`, the server does the work
   * first.
   */
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
      readonly carriedOut?: boolean;
    }
  /** The connection breaks: before the work, or after it and before the answer. */
  | { readonly cut: 'before' | 'after' }
  /** The body of the answer stops halfway. */
  | { readonly truncate: true }
  /** The head of the answer arrives, and nothing after it. */
  | { readonly slow: true }
  /** The server does the work and sends an altered answer. */
  | { readonly altered: (body: string) => string }
  /** `101 Switching Protocols`, unasked. */
  | { readonly upgrade: true }
  /** The server does the work and sends its answer byte by byte, without an end. */
  | { readonly drip: true }
  /** The server does the work and closes its side of the connection in the middle of the answer. */
  | { readonly halfClose: true }
  /** No answer arrives, however long the client waits. */
  | { readonly hang: true };

/** The error page of a proxy in front of an API. */
export const htmlPage = (status: number): Fault => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: [
    `<html><head><title>${status}</title></head>`,
    `<body><center><h1>${status}</h1></center><hr><center>nginx</center></body></html>`,
  ].join(''),
});

/** Failures that a test queues for requests to a simulated server. */
export interface Faults {
  /** The next `times` requests whose "METHOD /path" matches fail. */
  next(pattern: RegExp, fault: Fault, times?: number): void;
  /** Forgets the faults that are left. */
  clear(): void;
  /** Lets the queued faults happen: add it to the server before its routes. */
  readonly middleware: MiddlewareHandler<{ Bindings: HttpBindings }>;
}

/** Faults for a simulated server, queued by a test and used up in order. */
export function createFaults(): Faults {
  let queue: { pattern: RegExp; fault: Fault; left: number }[] = [];
  return {
    next: (pattern, fault, times = 1) => void queue.push({ pattern, fault, left: times }),
    clear: () => {
      queue = [];
    },
    middleware: async (context, next) => {
      const line = `${context.req.method} ${context.req.path}`;
      const entry = queue.find(({ pattern, left }) => left > 0 && pattern.test(line));
      if (!entry) return next();
      entry.left -= 1;
      const { fault } = entry;
      const socket = context.env.outgoing;
      if ('hang' in fault) return new Promise(() => {});
      if ('status' in fault) {
        const { status, headers = {}, body, carriedOut } = fault;
        if (carriedOut) {
          await next();
          // the answer is replaced as a whole: hono would keep the headers of the real one
          context.res = undefined;
          context.finalized = false;
        }
        return new Response(body ?? null, { status, headers });
      }
      if ('upgrade' in fault) {
        socket.socket?.write(
          'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
        );
        return new Promise(() => {});
      }
      if ('cut' in fault) {
        if (fault.cut === 'after') await next();
        socket.destroy();
        return new Promise(() => {});
      }
      await next();
      if ('altered' in fault) {
        const { status } = context.res;
        const headers = new Headers(context.res.headers);
        headers.delete('content-length');
        const body = fault.altered(await context.res.text());
        context.res = undefined;
        context.finalized = false;
        return new Response(body || null, { status, headers });
      }
      const whole = Buffer.from(await context.res.arrayBuffer());
      socket.writeHead(context.res.status, {
        ...Object.fromEntries(context.res.headers),
        'content-length': String('drip' in fault ? DRIPPED : whole.length),
      });
      if ('slow' in fault) socket.flushHeaders();
      else if ('drip' in fault) drip(socket);
      else if ('halfClose' in fault)
        socket.write(whole.subarray(0, whole.length >> 1), () => socket.socket?.end());
      else socket.write(whole.subarray(0, whole.length >> 1), () => socket.destroy());
      return new Promise(() => {});
    },
  };
}

/** Announced length of an answer without an end. */
const DRIPPED = 1_000_000;

/** Sends single bytes, so slowly that no client waits for the announced length. */
function drip(response: ServerResponse): void {
  response.flushHeaders();
  const timer = setInterval(() => response.write(' '), 20).unref();
  response.once('close', () => clearInterval(timer));
}
