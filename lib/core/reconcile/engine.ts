import type { Decision } from '../decide/index.ts';
import type { RekeyError } from '../errors.ts';
import type { Providers, Target } from '../fleet/index.ts';
import type { Clock, EventSink, Http, RegistryCheck, SecretStore } from '../ports.ts';
import type { Admins } from './admins.ts';

/** The parts that the engine works with. Everything that touches the world comes in here. */
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
  /** Gets every step, for logs, metrics and a person at a terminal. */
  readonly observe?: (step: Step) => void;
  /** Gets every call to a provider: metrics. */
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
  /** The request's that asked for it, else the run's: as in its events. */
  readonly correlationId?: string;
}
