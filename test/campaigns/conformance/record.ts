import assert from 'node:assert/strict';
import { type ErrorCode, RekeyError } from '../../../lib/core/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../../../lib/core/ports.ts';
import type { Provider, ProviderCall } from '../../../lib/core/provider.ts';
import { createHttp } from '../../../lib/http/client.ts';
import { LOOPBACK } from '../../../lib/http/guard.ts';
import { type WarpClock, warpClock } from '../../../lib/sandbox/clock.ts';
import type { SimulatedVendor, VendorOptions } from '../../../lib/sandbox/vendors/index.ts';

/**
 * A request and its answer. JSON and form bodies are parsed. It holds passwords and must never be
 * printed.
 */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: unknown;
}

/**
 * Wraps an `Http` and keeps each exchange. `vendor` replaces the simulation's hosts by the
 * vendor's.
 */
function recording(inner: Http, exchanges: Exchange[], vendor: (text: string) => string): Http {
  return {
    async send(request) {
      const answer = await inner.send(request);
      exchanges.push(exchange(request, { ...answer, body: vendor(answer.body) }));
      return answer;
    },
  };
}

function exchange({ method, url, headers = {}, body }: HttpRequest, answer: HttpAnswer): Exchange {
  const { pathname: path, search } = new URL(url);
  const sent = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (sent.authorization) sent.authorization = sent.authorization.replace(/ .*$/, ' [secret]');
  return {
    method,
    path,
    query: search.slice(1),
    requestHeaders: sent,
    requestBody: value(body ?? '', mediaType(sent)),
    status: answer.status,
    responseHeaders: answer.headers,
    responseBody: value(answer.body, mediaType(answer.headers)),
  };
}

/** The media type of a body, without parameters; empty if there is none. */
export const mediaType = (headers: Readonly<Record<string, string>>): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

function value(text: string, type: string): unknown {
  if (text === '') return undefined;
  if (type === 'application/json') return JSON.parse(text);
  return type === 'application/x-www-form-urlencoded'
    ? Object.fromEntries(new URLSearchParams(text))
    : text;
}

/** A running simulated vendor, and a provider's calls to it. */
export interface Setup<Vendor, Params, Admin> {
  readonly vendor: Vendor;
  readonly clock: WarpClock;
  readonly http: Http;
  /** Host of the registry. */
  readonly registry: string;
  readonly exchanges: readonly Exchange[];
  call(change?: { params?: Record<string, unknown>; admin?: unknown }): ProviderCall<Params, Admin>;
  /** Sends a request that no provider sends. `path` follows the endpoint. */
  ask(question: Direct): Promise<HttpAnswer>;
}

export interface Direct {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly authorization: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Scene<Vendor extends SimulatedVendor, Params, Admin> {
  readonly provider: Provider<Params, Admin>;
  readonly vendor: (options: VendorOptions) => Vendor;
  /** The real host of the simulated registry. */
  readonly registry: string;
}

/** Runs a scene over HTTP on loopback, and returns the exchanges. */
export async function play<Vendor extends SimulatedVendor, Params, Admin>(
  { provider, vendor: create, registry }: Scene<Vendor, Params, Admin>,
  script: (setup: Setup<Vendor, Params, Admin>) => Promise<void>,
): Promise<readonly Exchange[]> {
  const clock = warpClock(new Date('2030-01-01T00:00:00Z'));
  const vendor = create({ clock });
  const { signal } = new AbortController();
  const started = await vendor.start();
  const exchanges: Exchange[] = [];
  // one attempt per call: a retry would hide the first answer
  const inner = createHttp({ allow: LOOPBACK, attempts: 1, sleep: async () => {} });
  const http = recording(inner, exchanges, (text) => text.replaceAll(started.registry, registry));
  const { endpoint } = started;
  try {
    await script({
      vendor,
      clock,
      http,
      registry: started.registry,
      exchanges,
      call: ({ params, admin } = {}) => ({
        params: provider.params.parse({ ...vendor.params, ...params }),
        admin: provider.admin.parse(admin ?? JSON.parse(vendor.admin)),
        endpoint,
        registry: started.registry,
        http,
        now: clock.now,
        signal,
      }),
      ask({ method, path, authorization, headers, body }) {
        const all: Record<string, string> = {
          accept: 'application/json',
          authorization,
          ...headers,
        };
        if (body !== undefined) all['content-type'] = 'application/json';
        const text = body === undefined ? {} : { body: JSON.stringify(body) };
        return http.send({
          method,
          url: `${endpoint}${path}`,
          headers: all,
          ...text,
          idempotent: false,
          signal,
        });
      },
    });
  } finally {
    await Promise.all([started.close(), inner.close()]);
  }
  return exchanges;
}

/** Checks that some work fails with this code. */
export async function fails(code: ErrorCode, work: Promise<unknown>): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined && !(error instanceof RekeyError)) throw error;
  const came = error ? `got "${error.code}": ${error.message}` : 'it succeeded';
  assert.ok(error?.code === code, `expected "${code}", but ${came}`);
}

/** Checks the status of an answer. */
export async function answers(status: number, asked: Promise<HttpAnswer>): Promise<void> {
  const answer = await asked;
  assert.ok(answer.status === status, `expected status ${status}, but got ${answer.status}`);
}

/** Checks any other condition. */
export const holds = (claim: boolean, what: string): void => assert.ok(claim, `expected ${what}`);
