import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import { RekeyError } from '../core/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../core/ports.ts';
import { retryAfter } from './retry-after.ts';

export interface HttpOptions {
  /** Milliseconds a call may take, all its attempts and pauses together. @default 20_000 */
  readonly deadline?: number;
  /** Attempts at an idempotent call. @default 3 */
  readonly attempts?: number;
  /** Bytes of a body that are read before the answer is given up. @default 1 MiB */
  readonly maxBytes?: number;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now?: () => Date;
  /** Jitter: a number from 0 to 1. */
  readonly random?: () => number;
}

const transient = new Set([429, 500, 502, 503, 504]);

/**
 * HTTP over undici: no redirects, no cookies, no proxy, one deadline a call. The URL stays out of error messages except
 * for its host; headers and bodies stay out altogether.
 */
export function createHttp(options: HttpOptions = {}): Http & { close(): Promise<void> } {
  const { deadline = 20_000, attempts = 3, maxBytes = 1024 * 1024, random = Math.random, now = () => new Date() } = options;
  const sleep = options.sleep ?? abortableDelay;
  const agent = new Agent({ connect: { timeout: Math.min(deadline, 10_000) }, pipelining: 1 });

  async function once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await send(request.url, {
      method: request.method,
      headers: { 'user-agent': 'rekey', ...request.headers },
      body: request.body ?? null,
      dispatcher: agent,
      signal,
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    );
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body) {
      size += chunk.length;
      if (size > maxBytes) {
        answer.body.destroy();
        throw new RekeyError('bad-answer', `${host(request.url)} sent more than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString('utf8');
    return { status: answer.statusCode, headers, body, retryAfter: retryAfter(headers['retry-after'], now()) };
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
    close: () => agent.close(),
  };
}

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

/** A system or undici error code such as ECONNREFUSED: never a message, which may quote what was sent. */
function reason(error: unknown): string {
  const code = (error as { code?: unknown; cause?: { code?: unknown } } | undefined)?.code;
  return typeof code === 'string' ? code : 'connection failed';
}
