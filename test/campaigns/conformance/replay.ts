import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type ErrorCode, RekeyError } from '../../../lib/core/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../../../lib/core/ports.ts';
import { addressOf, type Provider, type ProviderCall } from '../../../lib/core/provider.ts';
import { Secret } from '../../../lib/core/secret.ts';

const Answer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  bodyText: z.string().optional(),
});
export const Examples = z.object({
  examples: z.array(
    z.looseObject({
      name: z.string(),
      request: z
        .object({ method: z.string(), path: z.string(), body: z.unknown().optional() })
        .optional(),
      response: Answer,
    }),
  ),
});
export type Example = z.output<typeof Examples>['examples'][number];
export type Answer = z.input<typeof Answer>;

/** Input of a replay's work. */
export interface Desk {
  readonly http: Http;
  readonly signal: AbortSignal;
  call<Params, Admin>(
    provider: Provider<Params, Admin>,
    params: unknown,
    admin: unknown,
  ): ProviderCall<Params, Admin>;
}

/**
 * Refuses the login with a made-up password. It is the control of a registry's acceptance, and the
 * examples do not have it.
 */
export function strict(http: Http): Http {
  const isControl = (authorization = '') =>
    Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString()
      .includes('rekey-control');
  const refused = { status: 401, headers: {}, body: '', retryAfter: undefined };
  return {
    send: async (request) =>
      isControl(request.headers?.authorization) ? refused : http.send(request),
  };
}

/**
 * The replay of one example: it answers the request `to` that the work sends, and the work must
 * have a known outcome.
 */
export type Replay =
  | {
      readonly example: string;
      /** "METHOD /path?query" of the request that the example answers. */
      readonly to: RegExp;
      /** Other answers, from another example or written by hand. */
      readonly others?: readonly (readonly [to: RegExp, answer: string | Answer])[];
      readonly run: (desk: Desk, example: Example) => Promise<unknown>;
      /** The code of the expected error, or else some fields of the expected result. */
      readonly fails?: ErrorCode;
      readonly gives?: unknown;
      /** Replacement for `<text>` in the example. */
      readonly filler?: string;
      readonly now?: string;
      /** Reason why our request differs from the example's. */
      readonly asksOtherwise?: string;
    }
  | { readonly example: string; readonly notApplicable: string };
type Applicable = Extract<Replay, { readonly to: RegExp }>;

export interface Outcome {
  readonly replayed: number;
  readonly notApplicable: readonly { readonly example: string; readonly notApplicable: string }[];
  readonly problems: readonly string[];
  /** Names of the providers that sent requests. */
  readonly providers: ReadonlySet<string>;
}

/**
 * Replays each example of a file. An example without a row is a problem, and so is a row without an
 * example.
 */
export async function replayAll(
  examples: readonly Example[],
  rows: readonly Replay[],
): Promise<Outcome> {
  const problems = [
    ...examples
      .filter(({ name }) => !rows.some(({ example }) => example === name))
      .map(({ name }) => `${name}: is not replayed`),
    ...rows
      .filter(({ example }) => !examples.some(({ name }) => name === example))
      .map((row) => `${row.example}: no such example`),
  ];
  const providers = new Set<string>();
  const applicable = rows.filter((row): row is Applicable => 'to' in row);
  for (const row of applicable) {
    const example = examples.find(({ name }) => name === row.example);
    const problem = example && (await replay(row, example, examples, providers));
    if (problem) problems.push(`${row.example}: ${problem}`);
  }
  const notApplicable = rows.flatMap((row) => ('notApplicable' in row ? [row] : []));
  return { replayed: applicable.length, notApplicable, problems, providers };
}

async function replay(
  row: Applicable,
  example: Example,
  all: readonly Example[],
  providers: Set<string>,
) {
  const fill = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value ?? null).replaceAll(/<[^"<>]*>/g, row.filler ?? 'filled-in'),
    ) as T;
  const others = (row.others ?? []).map(([to, answer]) => {
    const named =
      typeof answer === 'string'
        ? all.find(({ name }) => name === answer)?.response
        : Answer.parse(answer);
    if (!named) throw new Error(`${row.example}: another example that it needs does not exist`);
    return { to, answer: fill(named) };
  });
  const routes = [{ to: row.to, answer: fill(example.response) }, ...others];
  const asked: HttpRequest[] = [];
  const http: Http = {
    async send(request) {
      const route = routes.find(({ to }) => to.test(lineOf(request)));
      if (!route) throw new Error(`no answer for ${lineOf(request)}`);
      if (route === routes[0]) asked.push(request);
      return answered(route.answer);
    },
  };
  const { signal } = new AbortController();
  const now = () => new Date(row.now ?? '2026-01-15T09:30:00Z');
  const call: Desk['call'] = (provider, params, admin) => {
    providers.add(provider.name);
    const parsed = provider.params.parse(params);
    const { endpoint, registry } = addressOf(provider, parsed);
    return {
      params: parsed,
      admin: provider.admin.parse(admin),
      endpoint,
      registry,
      http,
      now,
      signal,
    };
  };
  const outcome = await row.run({ http, signal, call }, example).then(
    (value) => ({ value: plain(value), code: undefined }),
    (error: unknown) => {
      if (error instanceof RekeyError) return { value: undefined, code: error.code };
      throw error;
    },
  );
  if (outcome.code !== row.fails)
    return `expected ${row.fails ?? 'a success'}, but got ${outcome.code ?? 'a success'}`;
  if (!row.fails && !holdsAll(outcome.value, row.gives))
    return 'the result differs from the expected one';
  if (asked.length === 0) return 'no request was sent';
  const { request } = example;
  const same = !request || asked.some((made) => isSame(request, made));
  if (same === (row.asksOtherwise !== undefined))
    return same ? 'our request equals the example’s' : 'our request differs from the example’s';
  return undefined;
}

/** "METHOD /path?query", readable. */
function lineOf({ method, url }: HttpRequest): string {
  const { pathname, search } = new URL(url);
  return decodeURIComponent(`${method} ${pathname}${search}`);
}

function answered({ status, headers = {}, body, bodyText }: Answer): HttpAnswer {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const text = bodyText ?? (body === null || body === '' ? '' : JSON.stringify(body));
  return {
    status,
    headers: { 'content-type': 'application/json', ...lower },
    body: text,
    retryAfter: undefined,
  };
}

/** A result as plain data. Secrets are revealed, so that they are compared too. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

function holdsAll(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    return isDeepStrictEqual(value, wanted);
  const has = value as Readonly<Record<string, unknown>> | undefined;
  return Object.entries(wanted).every(([key, entry]) => isDeepStrictEqual(has?.[key], entry));
}

/** Same method, path and query, with any ids in the path, and a body with the same fields. */
function isSame(
  { method, path, body }: NonNullable<Example['request']>,
  made: HttpRequest,
): boolean {
  const wanted = new URL(path, 'https://any.example');
  const segments = decodeURIComponent(wanted.pathname).replace(/[.*+?^$|()[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${segments.replace(/\{\w+\}/g, '[^/]+')}$`);
  const { pathname, searchParams } = new URL(made.url);
  const parts = (query: URLSearchParams) => [...query].map((pair) => pair.join('=')).sort();
  return (
    made.method === method &&
    pattern.test(decodeURIComponent(pathname)) &&
    isDeepStrictEqual(parts(searchParams), parts(wanted.searchParams)) &&
    isDeepStrictEqual(
      fields(made.body === undefined ? undefined : JSON.parse(made.body)),
      fields(body ?? undefined),
    )
  );
}

/** The names of all fields, including nested ones. */
function fields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value)
    .map(([key, entry]) => [key, fields(entry)])
    .sort();
}
