import { Agent, type ClientRequest, request as http, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as https, Agent as TlsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { RekeyError } from '../core/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../core/ports.ts';
import { createGuard } from './guard.ts';
import { retryAfter } from './retry-after.ts';

export interface HttpOptions {
  /** Milliseconds a call may take, all its attempts and pauses together. @default 20_000 */
  readonly deadline?: number;
  /** Attempts at an idempotent call. @default 3 */
  readonly attempts?: number;
  /** Bytes of a body that are read before the answer is given up, unless the request says. @default 1 MiB */
  readonly maxBytes?: number;
  /** Address ranges (`10.0.0.0/8`) that may be connected to besides public ones. @default none */
  readonly allow?: readonly string[];
  /** Resolves names. @default as the system does */
  readonly lookup?: LookupFunction;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now?: () => Date;
  /** Jitter: a number from 0 to 1. */
  readonly random?: () => number;
}

const transient = new Set([429, 500, 502, 503, 504]);

/** How long nothing may happen on a connection, its making included, in milliseconds. */
const IDLE = 10_000;

/**
 * HTTP by Node's own client: no redirects, no cookies, no proxy, one deadline a call, public addresses unless others are allowed. The URL stays out of error messages
 * except for its host; headers and bodies stay out altogether.
 */
export function createHttp(options: HttpOptions = {}): Http & { close(): Promise<void> } {
  const { deadline = 20_000, attempts = 3, maxBytes: most = 1024 * 1024, random = Math.random, now = () => new Date() } = options;
  const sleep = options.sleep ?? abortableDelay;
  const guard = createGuard(options.allow, options.lookup);
  const agents = { 'http:': new Agent({ keepAlive: true }), 'https:': new TlsAgent({ keepAlive: true }) };

  async function once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const url = new URL(request.url);
    // what must not be sent twice gets a connection of its own: a kept one may be closing just now
    const agent = request.idempotent && agents[url.protocol as keyof typeof agents];
    const { method, body: written, maxBytes = most } = request;
    const lookup = guard.lookupFor(url);
    const answer = await sent(url, { method, headers: headersOf(request), agent, lookup, signal, timeout: IDLE }, written);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new RekeyError('bad-answer', `${host(request.url)} sent more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    );
    const body = Buffer.concat(chunks).toString('utf8');
    return { status: answer.statusCode ?? 0, headers, body, retryAfter: retryAfter(headers['retry-after'], now()) };
  }

  async function attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer | RekeyError> {
    try {
      return await once(request, signal);
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (error instanceof RekeyError) throw error;
      const why = signal.aborted ? `gave no answer within ${deadline} ms` : `could not be reached (${reason(error)})`;
      return new RekeyError('unreachable', `${host(request.url)} ${why}`);
    }
  }

  return {
    async send(request) {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(deadline)]);
      let left = deadline;
      for (let number = 1; ; number++) {
        const started = performance.now();
        const answer = await attempt(request, signal);
        const failed = answer instanceof RekeyError;
        const pause = (!failed && answer.retryAfter) || 200 * 2 ** (number - 1) * (0.5 + random());
        left -= performance.now() - started + pause;
        const again = request.idempotent && number < attempts && !signal.aborted && (failed || transient.has(answer.status));
        if (again && left > 0) {
          await sleep(pause, request.signal);
        } else if (failed) {
          throw answer;
        } else {
          return answer;
        }
      }
    },
    close: async () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Sends a request, and waits for the head of its answer. */
function sent(url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (url.protocol === 'https:' ? https : http)(url, options, resolve);
    request.once('error', reject);
    request.once('timeout', () => request.destroy(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' })));
    request.end(body);
  });
}

const headersOf = ({ headers, body }: HttpRequest): Record<string, string> => ({
  'user-agent': 'rekey',
  ...headers,
  ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
});

/** Rejects with the signal's own reason, as a request does; node's delay would wrap it. */
async function abortableDelay(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The host of a URL: all of it that may be shown. */
function host(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an unusable URL';
}

/** A system or TLS error code such as ECONNREFUSED: never a message, which may quote what was sent. */
function reason(error: unknown): string {
  const code = (error as { code?: unknown; cause?: { code?: unknown } } | undefined)?.code;
  return typeof code === 'string' ? code : 'connection failed';
}
