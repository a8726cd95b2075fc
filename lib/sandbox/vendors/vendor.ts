import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../core/ports.ts';
import type { Faults } from '../faults.ts';
import type { Mood } from '../registry/index.ts';
import { serve as onLoopback } from '../serve.ts';
import type { Delays, State } from './ledger.ts';

/** Switches of every simulated vendor. A test may change them at run time. */
export interface Behaviour {
  /** How late the registry follows the API. */
  readonly delays: Delays;
  /** Duration of every call to API and registry, in milliseconds of the clock. */
  latency: number;
  /** Creates succeed but answer without the secret. */
  secretless: boolean;
  /** Answers hold undocumented fields. */
  extraFields: boolean;
  /** How the registry treats logins. */
  registry: Mood;
}

/** Switches of a vendor without delays and failures. Each call returns a new object. */
export const plainBehaviour = (): Behaviour => ({
  delays: { create: 0, disable: 0, delete: 0 },
  latency: 0,
  secretless: false,
  extraFields: false,
  registry: 'own',
});

/** A vendor's running servers. `close` stops both. */
export interface Started {
  /** Base URL of the API, for provider calls. */
  readonly endpoint: string;
  /** Host of the registry. */
  readonly registry: string;
  /** Stops the API and the registry. */
  close(): Promise<void>;
}

/** A credential that the vendor has issued or a test has planted, in any state. */
export interface SimulatedCredential {
  /** The vendor's id. */
  readonly id: string;
  /** Its label. */
  readonly label: string;
  /** Its username at the registry. */
  readonly username: string;
  /** Its state at the API. */
  readonly state: State;
  /** When it was created. */
  readonly createdAt: Date;
}

/** A vendor's API and its registry on loopback, with a model in memory. */
export interface SimulatedVendor<Switches extends Behaviour = Behaviour> {
  /** Name of the rekey provider. */
  readonly provider: string;
  /** Content of a valid admin secret (JSON). */
  readonly admin: string;
  /** Valid params of the fleet file. */
  readonly params: Record<string, unknown>;
  /** A private repository that its credentials may pull from. @default 'team/app' */
  readonly repository?: string;
  /** Faults of the API. */
  readonly faults: Faults;
  /** Faults of the registry. */
  readonly registryFaults: Faults;
  /** "METHOD /path" of the latest calls to API and registry. */
  readonly requests: string[];
  /** Ground truth, beyond the API's view; never a password. */
  credentials(): readonly SimulatedCredential[];
  /** Creates a credential as a person would by hand. */
  plant(label: string): { id: string };
  /** Its switches. */
  readonly behaviour: Switches;
  /** All state as JSON. */
  dump(): unknown;
  /** Restores what `dump` returned. */
  restore(state: unknown): void;
  /** Starts the API and the registry on loopback. */
  start(options?: Ports): Promise<Started>;
}

/** The ports of a vendor's servers. */
export interface Ports {
  /** Port of the API. @default a free one */
  readonly apiPort?: number | undefined;
  /** Port of the registry. @default a free one */
  readonly registryPort?: number | undefined;
  /**
   * Serves an app.
   * @internal
   * @default on loopback
   */
  readonly serve?: typeof onLoopback;
}

/** Settings of a simulated vendor. */
export interface VendorOptions {
  /** The time of the vendor. */
  readonly clock: Clock;
  /** Source of ids and passwords that makes runs repeatable: numbers from 0 to 1. */
  readonly random?: () => number;
}

/** State that can be written as JSON and read again. */
export type Stateful = Pick<SimulatedVendor, 'dump' | 'restore'>;

/** Dumps and restores the state of these parts, and the switches. */
export function keeping(kept: Readonly<Record<string, Stateful>>, behaviour: Behaviour): Stateful {
  return {
    dump() {
      const states = Object.entries(kept).map(([name, part]) => [name, part.dump()]);
      return structuredClone({ ...Object.fromEntries(states), behaviour });
    },
    restore(state) {
      const { behaviour: dumped, ...states } = state as Record<string, unknown>;
      const { delays, ...switches } = dumped as Behaviour;
      for (const [name, part] of Object.entries(kept)) part.restore(states[name]);
      Object.assign(behaviour.delays, delays);
      Object.assign(behaviour, switches);
    },
  };
}

/** The environment of the vendors' Hono apps: Node's request and response. */
export type Env = { Bindings: HttpBindings };

/** The JSON body of a request, or `otherwise` if the body is not JSON. */
export const json = (context: Context, otherwise?: unknown): Promise<unknown> =>
  context.req.json().catch(() => otherwise);

/** Number of requests that are remembered. */
const REMEMBERED = 5000;

/** Starts both servers of a vendor. `hosted` receives the registry's host before the API serves. */
export async function host(
  {
    api,
    registry,
    clock,
    requests,
    behaviour,
  }: {
    api: Hono<Env>;
    registry: Hono<Env>;
    clock: Clock;
    requests: string[];
    behaviour: Behaviour;
  },
  {
    basePath = '',
    apiPort,
    registryPort,
    serve = onLoopback,
    hosted,
  }: Ports & { readonly basePath?: string; readonly hosted?: (host: string) => void },
): Promise<Started> {
  const watched = (app: Hono<Env>, fields: boolean) =>
    new Hono<Env>().all('*', async (context) => {
      requests.push(`${context.req.method} ${context.req.path}`);
      if (requests.length > REMEMBERED) requests.shift();
      if (behaviour.latency > 0) await clock.sleep(behaviour.latency);
      const answer = await app.fetch(context.req.raw, context.env);
      return fields && behaviour.extraFields ? extended(answer) : answer;
    });
  const front = await serve(watched(registry, false), registryPort);
  try {
    hosted?.(front.host);
    const back = await serve(watched(api, true), apiPort);
    const close = async () => void (await Promise.all([front.close(), back.close()]));
    return { endpoint: `${back.url}${basePath}`, registry: front.host, close };
  } catch (error) {
    await front.close();
    throw error;
  }
}

/** The same JSON answer with an unknown field in each object. */
async function extended(answer: Response): Promise<Response> {
  if (!answer.headers.get('content-type')?.includes('json')) return answer;
  const body = JSON.stringify(await answer.json(), (_key, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value, xAddedLater: ['since', 'yesterday'] }
      : value,
  );
  return new Response(body, answer);
}
