import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import type { RegistryQuestion, Verdict } from '../../lib/core/ports.ts';
import { Secret } from '../../lib/core/secret.ts';
import { createHttp, type HttpOptions } from '../../lib/http/client.ts';
import { LOOPBACK } from '../../lib/http/guard.ts';
import { createRegistryCheck } from '../../lib/registry/check.ts';
import type { Faults } from '../../lib/sandbox/faults.ts';
import { createRegistry, type RegistryOptions } from '../../lib/sandbox/registry/index.ts';
import { serve } from '../../lib/sandbox/serve.ts';

/** Long and random, so that finding it anywhere is no coincidence. */
export const password = 'canary:Zx9/+ü"7f';
export const username = 'acme+ci';
/** Username and password in the encoding of RFC 7617. */
export const encoded = Buffer.from(`${username}:${password}`).toString('base64');

export interface Host {
  readonly url: string;
  readonly host: string;
  /** "METHOD /path?query" and the Authorization header of each request. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
}

/** Serves an app on loopback until the test ends, and records its requests. */
// biome-ignore lint/suspicious/noExplicitAny: the environment type of the app does not matter here
export async function listen(app: Hono<any>): Promise<Host> {
  const requests: Host['requests'] = [];
  const outer = new Hono();
  outer.use('*', async (context, next) => {
    const url = new URL(context.req.url);
    requests.push({
      line: `${context.req.method} ${url.pathname}${url.search}`,
      authorization: context.req.header('authorization'),
    });
    await next();
  });
  outer.route('/', app);
  const served = await serve(outer);
  onTestFinished(() => served.close());
  return { url: served.url, host: served.host, requests };
}

/** A registry with one login, which may pull acme/app. */
export async function registryHost(
  options: Partial<RegistryOptions> = {},
): Promise<Host & { readonly faults: Faults }> {
  const { app, faults } = createRegistry({
    clock: { now: () => new Date('2030-01-01T00:00:00Z'), sleep: async () => {} },
    service: 'registry.test',
    login: (name, word) =>
      name === username && word === password
        ? {
            account: name,
            allows: (repository, action) => repository === 'acme/app' && action === 'pull',
          }
        : undefined,
    repositories: { 'acme/app': { latest: '{"schemaVersion":2}' } },
    ...options,
  });
  return { ...(await listen(app)), faults };
}

/** A server that accepts any password. */
export async function greedyHost(): Promise<Host> {
  const app = new Hono();
  app.all('*', (context) => context.json({ token: 'got-you' }));
  return listen(app);
}

/** A server with the same answer to every request. */
export async function plainHost(
  status: number,
  headers: Record<string, string> = {},
  body = '',
): Promise<Host> {
  const app = new Hono();
  app.all('*', () => new Response(body, { status, headers }));
  return listen(app);
}

/** The same answer to everything, except that it refuses the control’s token. */
export async function strictHost(
  status: number,
  headers: Record<string, string> = {},
  body = '',
): Promise<Host> {
  const app = new Hono();
  app.all('*', ({ req }) =>
    req.header('authorization')?.includes('rekey-control')
      ? new Response('', { status: 401 })
      : new Response(body, { status, headers }),
  );
  return listen(app);
}

type Ask = (
  host: string,
  change?: Partial<RegistryQuestion>,
  signal?: AbortSignal,
) => Promise<Verdict>;

/** Checks the valid login by default; one check keeps its controls between calls. */
export function asking({ now = () => new Date(0), ...options }: HttpOptions = {}): Ask {
  const http = createHttp({
    allow: LOOPBACK,
    sleep: async () => {},
    random: () => 0.5,
    deadline: 5000,
    now,
    ...options,
  });
  onTestFinished(() => http.close());
  const registry = createRegistryCheck({ http, now });
  return (host, change = {}, signal = new AbortController().signal) =>
    registry.check(
      { registry: host, username, password: new Secret(password), realms: [], ...change },
      signal,
    );
}

/** Runs a single check. */
export const ask = (
  host: string,
  change: Partial<RegistryQuestion> = {},
  options: HttpOptions = {},
  signal?: AbortSignal,
): Promise<Verdict> => asking(options)(host, change, signal);

export const pull = { repository: 'acme/app', actions: ['pull'] };
