import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Clock } from '../../core/ports.ts';
import type { Faults } from '../faults.ts';
import type { Mood } from '../registry/index.ts';
import { serve } from '../serve.ts';
import type { Delays, Ledger, State } from './ledger.ts';

/** What every simulated vendor can be told to do; changeable at run time. */
export interface Behaviour {
  readonly delays: Delays;
  /** Milliseconds of the clock that every call to API and registry takes. */
  latency: number;
  /** Creates answer with success, without the secret. */
  secretless: boolean;
  /** Answers hold fields that no document names. */
  extraFields: boolean;
  /** How the registry treats logins. */
  registry: Mood;
}

export const plainBehaviour = (): Behaviour => ({
  delays: { create: 0, disable: 0, delete: 0 },
  latency: 0,
  secretless: false,
  extraFields: false,
  registry: 'own',
});

export interface Started {
  /** Base URL of the API, as a provider call takes it. */
  readonly endpoint: string;
  /** Host of the registry. */
  readonly registry: string;
  close(): Promise<void>;
}

export interface SimulatedCredential {
  readonly id: string;
  readonly label: string;
  readonly username: string;
  readonly state: State;
  readonly createdAt: Date;
}

/** A vendor's API and the registry behind it, on loopback, over a model in memory. */
export interface SimulatedVendor<Switches extends Behaviour = Behaviour> {
  /** Name of the rekey provider. */
  readonly provider: string;
  /** Content of a valid admin secret (JSON). */
  readonly admin: string;
  /** Valid params of the fleet file. */
  readonly params: Record<string, unknown>;
  /** A private repository that its credentials may pull from. @default 'team/app' */
  readonly repository?: string;
  readonly faults: Faults;
  readonly registryFaults: Faults;
  /** "METHOD /path" of the latest calls to API and registry. */
  readonly requests: string[];
  /** Ground truth, beyond what the API shows; never the password. */
  credentials(): readonly SimulatedCredential[];
  /** A credential that somebody else made by hand. */
  plant(label: string): { id: string };
  readonly behaviour: Switches;
  /** All state as JSON, and back. */
  dump(): unknown;
  restore(state: unknown): void;
  start(options?: { apiPort?: number; registryPort?: number }): Promise<Started>;
}

export interface VendorOptions {
  readonly clock: Clock;
  /** Source of ids and passwords, where the same run must come out again: numbers from 0 to 1. */
  readonly random?: () => number;
}

/** How a vendor is written down and read again: its credentials and its switches. */
export function stored(
  ledger: Ledger<unknown>,
  behaviour: Behaviour,
): Pick<SimulatedVendor, 'dump' | 'restore'> {
  return {
    dump: () => structuredClone({ credentials: ledger.dump(), behaviour }),
    restore(state) {
      const { credentials, behaviour: dumped } = state as {
        credentials: unknown;
        behaviour: Behaviour;
      };
      const { delays, ...switches } = dumped;
      ledger.restore(credentials);
      Object.assign(behaviour.delays, delays);
      Object.assign(behaviour, switches);
    },
  };
}

type Env = { Bindings: HttpBindings };

/** How many requests are remembered. */
const REMEMBERED = 5000;

/** Both servers of a vendor. `hosted` is told the registry's host before the API serves. */
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
    hosted,
  }: {
    basePath?: string;
    apiPort?: number | undefined;
    registryPort?: number | undefined;
    hosted?: (host: string) => void;
  },
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

/** The same JSON answer with an unknown field in each of its objects. */
async function extended(answer: Response): Promise<Response> {
  if (!answer.headers.get('content-type')?.includes('json')) return answer;
  const body = JSON.stringify(await answer.json(), (_key, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value, xAddedLater: ['since', 'yesterday'] }
      : value,
  );
  return new Response(body, answer);
}
