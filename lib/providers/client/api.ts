import type * as z from 'zod';
import { type ErrorCode, RekeyError } from '../../core/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../core/ports.ts';
import type { ProviderCall } from '../../core/provider.ts';
import type { Meaning, Meanings } from '../../http/answer.ts';
import { type ApiAnswer, apiAnswer, type Confirmation, easesIn } from './answer.ts';
import { type Page, type PageAt, pages } from './pages.ts';
import { vendorId } from './schemas.ts';

/** Headers by name. */
type Headers = Readonly<Record<string, string>>;

/** Options of `jsonApi`, the same for every request to one vendor. */
export interface ApiOptions {
  /** The provider's name: every error begins with it. */
  readonly vendor: string;
  /** Base URL, without a slash at the end. @default the call's endpoint */
  readonly endpoint?: string;
  /** Sent with each request: fixed, or computed from the request, such as a signature. */
  readonly headers?: Headers | ((request: Unsigned) => Headers);
  /** Meanings of statuses at this vendor, with advice. @default the usual ones */
  readonly meanings?: Meanings;
  /** Reads the body of an error: its meaning outweighs that of the status. */
  readonly meaningOf?: (answer: HttpAnswer) => Meaning | undefined;
}

/** A request as its headers are computed from it. */
export type Unsigned = Pick<HttpRequest, 'method' | 'url' | 'body'> & { readonly headers: Headers };

/** Options of one request. `body` is sent as JSON, unless there is a `form`. */
export interface RequestOptions {
  /** Appended to the path. An id that no vendor gives is `rejected`, and not sent. */
  readonly id?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** A form, in place of a JSON body. */
  readonly form?: Readonly<Record<string, string>>;
  /** Headers of this request only. */
  readonly headers?: Headers;
  /** May be repeated after a 429, a 5xx or a lost answer. @default all but POST */
  readonly idempotent?: boolean;
  /** The most bytes of an answer. A longer one is an error. @default 1 MiB */
  readonly maxBytes?: number;
}

/** Options of a request that changes something, and of how its answer is confirmed. */
type Change = RequestOptions & Confirmation;

/**
 * A vendor's JSON API. Each call names its purpose, such as `delete the token`, for its errors; its
 * path begins after the endpoint. All throw `unreachable`, `refused-address`, the meaning of the
 * status, and `bad-answer` for a body that is not as documented.
 */
export interface JsonApi {
  /** The parsed body. Like put, patch and delete, a failed request is repeated. */
  get<T>(doing: string, path: string, schema: z.ZodType<T>, options?: RequestOptions): Promise<T>;
  /** The parsed list of a vendor without pages: an answer of up to `LIST_BYTES`. */
  list<T>(doing: string, path: string, schema: z.ZodType<T>): Promise<T>;
  /** Every item of a list in pages, each once. */
  pages<Item extends { readonly id: string }>(
    doing: string,
    at: string | PageAt,
    schema: z.ZodType<Page<Item>>,
  ): AsyncGenerator<Item>;
  /** Sent once, never repeated. Returns the answer unread: `read` parses its body. */
  post(doing: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** Replaces an object. Confirms the answer. */
  put(doing: string, path: string, body: unknown, options?: Change): Promise<void>;
  /** Changes an object. Confirms the answer. */
  patch(doing: string, path: string, body: unknown, options?: Change): Promise<void>;
  /** Deletes an object. Confirms the answer. */
  delete(doing: string, path: string, options?: Change): Promise<void>;
  /** Sends any request, and returns the answer unread. */
  send(
    method: HttpRequest['method'],
    doing: string,
    path: string,
    options?: RequestOptions,
  ): Promise<ApiAnswer>;
  /** An error that is not about one answer: `<vendor>: <doing>: <text>`. */
  error(code: ErrorCode, doing: string, text: string): RekeyError;
}

/**
 * The most bytes of a list in one answer. About 50,000 credentials fit; the engine keeps their ids,
 * labels and times. The text of more would not fit into a worker's memory.
 */
export const LIST_BYTES = 16 * 1024 * 1024;

/** The API of one call's vendor. */
export function jsonApi(call: ProviderCall<unknown, unknown>, options: ApiOptions): JsonApi {
  const { vendor, endpoint = call.endpoint, meanings = {}, meaningOf } = options;
  const error: JsonApi['error'] = (code, doing, text) =>
    new RekeyError(code, `${vendor}: ${doing}: ${text}`);

  const send: JsonApi['send'] = async (method, doing, path, request = {}) => {
    const { id, form, idempotent = method !== 'POST', maxBytes } = request;
    if (id !== undefined && !vendorId.safeParse(id).success)
      throw error('rejected', doing, 'the provider gives no such id');
    const url = `${endpoint}${path}${id === undefined ? '' : `/${id}`}`;
    const text = JSON.stringify(request.body) as string | undefined;
    const body = form ? new URLSearchParams(form).toString() : text;
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const own = { ...(body !== undefined && { 'content-type': type }), ...request.headers };
    const added =
      typeof options.headers === 'function'
        ? options.headers({ method, url, body, headers: own })
        : options.headers;
    const headers = { accept: 'application/json', ...own, ...added };
    const { signal } = call;
    const answer = await call.http
      .send({ method, url, headers, body, idempotent, maxBytes, signal })
      .catch((cause: unknown) => {
        if (!(cause instanceof RekeyError)) throw cause;
        throw new RekeyError(cause.code, `${vendor}: ${doing}: ${cause.message}`, { cause });
      });
    const eased = { ...answer, retryAfter: easesIn(answer, call.now()) };
    const meaning = answer.status < 400 ? undefined : meaningOf?.(answer);
    return apiAnswer(`${vendor}: ${doing}`, eased, meanings, meaning);
  };

  const sendList = (doing: string, path: string) =>
    send('GET', doing, path, { maxBytes: LIST_BYTES });
  const settle = async (
    method: HttpRequest['method'],
    doing: string,
    path: string,
    also: Change,
  ) => {
    const answer = await send(method, doing, path, also);
    answer.confirm(also);
    if (also.gone?.includes(answer.status)) await also.goneIf?.();
  };
  const change =
    (method: HttpRequest['method']) =>
    (doing: string, path: string, body: unknown, also: Change = {}) =>
      settle(method, doing, path, { ...also, body });

  return {
    send,
    error,
    get: async (doing, path, schema, request) =>
      (await send('GET', doing, path, request)).read(schema),
    list: async (doing, path, schema) => (await sendList(doing, path)).read(schema),
    pages: (doing, at, schema) =>
      pages({ endpoint, list: (path) => sendList(doing, path) }, at, schema),
    post: (doing, path, body) => send('POST', doing, path, { body }),
    put: change('PUT'),
    patch: change('PATCH'),
    delete: (doing, path, also = {}) => settle('DELETE', doing, path, also),
  };
}
