import type { LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { bounded, Overdue } from '../core/deadline.ts';
import { RekeyError } from '../core/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../core/ports.ts';
import { type Connections, connections } from './connections.ts';
import { createGuard } from './guard.ts';
import { reason } from './reason.ts';
import { retryAfter } from './retry-after.ts';

/** Options of `createHttp`. */
export interface HttpOptions {
  /** Milliseconds that a call may take, including all attempts and pauses. @default 20_000 */
  readonly deadline?: number;
  /** How often an idempotent call is attempted. @default 3 */
  readonly attempts?: number;
  /** Largest body in bytes, if the request sets no limit of its own. @default 1 MiB */
  readonly maxBytes?: number;
  /** Address ranges (`10.0.0.0/8`) that are allowed in addition to public ones. @default none */
  readonly allow?: readonly string[];
  /** Certificates (PEM) of authorities trusted in addition to the system's. @default none */
  readonly ca?: string | undefined;
  /** Resolves host names. @default the system's resolver */
  readonly lookup?: LookupFunction;
  /**
   * Carries the attempts. @default undici's, to the addresses above
   * @internal
   */
  readonly connections?: Connections;
  /** Waits between attempts. @default a timer */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** The time, for a `Retry-After` that names one. @default the system's */
  readonly now?: () => Date;
  /** Jitter: a number from 0 to 1. */
  readonly random?: () => number;
}

const transient = new Set([429, 500, 502, 503, 504]);

/**
 * An HTTP client on undici: no redirects, no cookies, no proxy, one deadline per call, and only
 * public addresses unless others are allowed. Throws `unreachable`, `refused-address` or
 * `bad-answer`; messages contain the host, and never the rest of the URL, headers or bodies.
 * undici's own retries are not used: they have no deadline over all attempts, and do not know which
 * calls may be repeated.
 */
export function createHttp(options: HttpOptions = {}): Http & { close(): Promise<void> } {
  const {
    deadline = 20_000,
    attempts = 3,
    maxBytes: most = 1024 * 1024,
    random = Math.random,
    now = () => new Date(),
  } = options;
  const sleep = options.sleep ?? abortableDelay;
  const { kept, alone, close } =
    options.connections ?? connections(createGuard(options.allow, options.lookup), options.ca);

  async function once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { origin, pathname, search } = new URL(request.url);
    const { method, body, idempotent, maxBytes = most } = request;
    const agent = await (idempotent ? kept() : alone());
    try {
      const headers = { 'user-agent': 'rekey', ...request.headers };
      const path = `${pathname}${search}`;
      const answer = await agent.request({
        origin,
        path,
        method,
        headers,
        body,
        signal,
        idempotent,
        reset: !idempotent,
      });
      const text = await bodyOf(answer.body, maxBytes, request);
      const answered = joined(answer.headers);
      return {
        status: answer.statusCode,
        headers: answered,
        body: text,
        retryAfter: retryAfter(answered['retry-after'], now()),
      };
    } finally {
      if (!idempotent) agent.destroy().catch(() => {});
    }
  }

  async function attempt(
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer | RekeyError> {
    try {
      return await once(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RekeyError) throw error;
      return new RekeyError(
        'unreachable',
        `${host(request.url)} could not be reached (${reason(error)})`,
      );
    }
  }

  async function repeated(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    let left = deadline;
    for (let number = 1; ; number++) {
      const started = performance.now();
      const answer = await attempt(request, signal);
      const failed = answer instanceof RekeyError;
      const pause = (!failed && answer.retryAfter) || 200 * 2 ** (number - 1) * (0.5 + random());
      left -= performance.now() - started + pause;
      const again =
        request.idempotent && number < attempts && (failed || transient.has(answer.status));
      if (again && left > 0) {
        await sleep(pause, signal);
      } else if (failed) {
        throw answer;
      } else {
        return answer;
      }
    }
  }

  return {
    async send(request) {
      try {
        return await bounded(deadline, [request.signal], (signal) => repeated(request, signal));
      } catch (error) {
        if (!(error instanceof Overdue) || request.signal.aborted) throw error;
        throw new RekeyError(
          'unreachable',
          `${host(request.url)} gave no answer within ${deadline} ms`,
        );
      }
    },
    close,
  };
}

/** Reads the whole body. If it is too large, throws and closes the connection. */
async function bodyOf(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  { url }: HttpRequest,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes)
      throw new RekeyError('bad-answer', `${host(url)} sent more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const joined = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

/** Rejects with the signal's own reason, as a request does. Node's delay would wrap it. */
async function abortableDelay(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The host of a URL: the only part that may be shown. */
function host(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an unusable URL';
}
