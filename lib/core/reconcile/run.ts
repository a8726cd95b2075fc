import { type Decision, type Due, reach } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { type DetailType, type EventData, event } from '../events/index.ts';
import type { Providers, Target } from '../fleet/index.ts';
import type { Version } from '../ledger/index.ts';
import type { SecretRecord } from '../ledger/record.ts';
import type { Clock, EventSink, Http, RegistryCheck, SecretStore } from '../ports.ts';
import { addressOf, type Provider, type ProviderCall } from '../provider.ts';
import type { Admins } from './admins.ts';

/** What the engine works with. Everything that touches the world comes in here. */
export interface Engine {
  readonly store: SecretStore;
  readonly events: EventSink;
  readonly registry: RegistryCheck;
  readonly providers: Providers;
  readonly http: Http;
  readonly clock: Clock;
  readonly admins: Admins;
  /** Other addresses than the providers' own, by provider name: simulated vendors, proxies. */
  readonly endpoints?: Readonly<
    Record<string, { readonly api?: string; readonly registry?: string }>
  >;
  /** Told of every step, for logs, metrics and a person at a terminal. */
  readonly observe?: (step: Step) => void;
  /** Told of every call to a provider: metrics. */
  readonly called?: (call: VendorCall) => void;
  /** Carries out each transition, so that it can stand in a trace. */
  readonly traced?: (step: Started, work: () => Promise<void>) => Promise<void>;
}

/** A step that is about to be taken. */
export interface Started extends Omit<Step, 'error'> {
  readonly correlationId: string;
}

/** One call to a provider's API, its repeats included. */
export interface VendorCall {
  readonly provider: string;
  /** Milliseconds. */
  readonly took: number;
  /** HTTP status; `undefined` if no answer came. */
  readonly status: number | undefined;
}

export interface Step {
  readonly target: Target;
  readonly decision: Decision;
  /** `undefined` once it has succeeded, or for `wait`. */
  readonly error?: RekeyError;
  /** Of whoever asked for it, else of the run: as its events have it. */
  readonly correlationId?: string;
}

/** Where in a transition it is: named in the event, should it fail. */
export type Stage =
  | 'check'
  | 'prepare'
  | 'find'
  | 'issue'
  | 'store'
  | 'verify'
  | 'promote'
  | 'announce'
  | 'revoke'
  | 'prove'
  | 'tidy';

/** One run over one target. */
export interface Run {
  readonly engine: Engine;
  readonly target: Target;
  readonly record: SecretRecord;
  readonly provider: Provider;
  /** Of what is under way: of whoever asked for it, else of the run. */
  correlationId: string;
  readonly signal: AbortSignal;
  /** What Secrets Manager gave the function that rotates for it. */
  readonly rotationToken?: string | undefined;
  readonly progress: {
    stage: Stage;
    /**
     * When the secret was looked at: what is decided from then on is about the secret as it was.
     */
    seen?: Date | undefined;
    /** Id of the version whose end the provider confirmed in this transition. */
    confirmed?: string | undefined;
    /** The label under which a credential may be alive although `issue` failed, and until when. */
    lost?: { readonly label: string; readonly until?: Date | undefined } | undefined;
  };
}

/**
 * A transition: carries out what is due, and may be repeated after a crash at any of its awaits.
 */
export type Transition = (run: Run, due: Due) => Promise<void>;

export const now = ({ engine }: Run): Date => engine.clock.now();

/**
 * The run at the place where a credential lives: that of the target, or a former one. Throws
 * `out-of-reach` if it is neither.
 */
export function at(run: Run, { credential }: Pick<Version, 'credential'>): Run {
  const where = reach(run.target, credential?.place);
  if (where === 'own') return run;
  const former = where === undefined ? undefined : run.target.former?.[where];
  const provider = former && run.engine.providers[former.provider];
  if (!provider) {
    throw new RekeyError(
      'out-of-reach',
      `${run.target.name}: a credential lives at a former place (${credential?.provider ?? 'unknown'}) that is not listed under former`,
    );
  }
  return { ...run, provider, target: { ...run.target, ...former } };
}

/** What the provider's calls are given. Reads the admin secret, or remembers it. */
export async function providerCall({
  engine,
  target,
  provider,
  signal,
}: Pick<Run, 'engine' | 'target' | 'provider' | 'signal'>): Promise<
  ProviderCall<unknown, unknown>
> {
  const left =
    Number(engine.admins.restingUntil?.(target.admin) ?? 0) - engine.clock.now().getTime();
  if (left > 0)
    throw new RekeyError('throttled', `${provider.name} asked for fewer calls`, {
      retryAfter: left,
    });
  const admin = await engine.admins.get(target.admin, provider, signal);
  const { params } = target;
  const { endpoint, registry } = addressOf(provider, params, engine.endpoints?.[provider.name]);
  return {
    params,
    admin,
    endpoint,
    registry,
    http: engine.called ? metered(engine.http, provider.name, engine.called) : engine.http,
    now: engine.clock.now,
    signal,
  };
}

/** Hosts, besides the registry's own, where tokens for a target's registry may be fetched. */
export function realmsOf(
  { providers, endpoints }: Pick<Engine, 'providers' | 'endpoints'>,
  { provider: name, params }: Pick<Target, 'provider' | 'params'>,
): readonly string[] {
  const provider = providers[name];
  return provider ? addressOf(provider, params, endpoints?.[name]).realms : [];
}

function metered(http: Http, provider: string, called: (call: VendorCall) => void): Http {
  return {
    async send(request) {
      const started = performance.now();
      let status: number | undefined;
      try {
        const answer = await http.send(request);
        status = answer.status;
        return answer;
      } finally {
        called({ provider, took: performance.now() - started, status });
      }
    },
  };
}

/** Publishes events of this run; each is [type, transition, data without the subject]. */
export async function publish(run: Run, ...events: readonly Announcement[]): Promise<void> {
  const { engine, target, correlationId, provider, record, signal } = run;
  const context = { fleet: target.fleet, target: target.name, time: now(run), correlationId };
  const subject = { provider: provider.name, secretArn: record.ledger.arn };
  await engine.events.publish(
    events.map(([type, transition, data]) =>
      event(type, transition, context, { ...subject, ...data } as EventData<typeof type>),
    ),
    signal,
  );
}

/** False if the event bus did not take it. */
export async function taken(publishing: Promise<void>): Promise<boolean> {
  try {
    await publishing;
    return true;
  } catch (error) {
    if (error instanceof RekeyError && error.code === 'events-failed') return false;
    throw error;
  }
}

export type Announcement = {
  [Type in DetailType]: readonly [
    Type,
    transition: string,
    data: Omit<EventData<Type>, 'provider' | 'secretArn'> & { readonly provider?: string },
  ];
}[DetailType];

/** The version a transition is about; a due that names none is a bug. */
export function subject({ version }: Due) {
  if (!version) throw new Error('the transition needs a version');
  return version;
}
