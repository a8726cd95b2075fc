import type { Decision } from '../decide/index.ts';
import type { RekeyError } from '../errors.ts';
import type { Providers, Target } from '../fleet/index.ts';
import type { Clock, EventSink, Http, RegistryCheck, SecretStore } from '../ports.ts';
import type { Admins } from './admins.ts';

/** The parts of the engine: everything that touches the outside world. */
export interface Engine {
  readonly store: SecretStore;
  readonly events: EventSink;
  readonly registry: RegistryCheck;
  readonly providers: Providers;
  readonly http: Http;
  readonly clock: Clock;
  readonly admins: Admins;
  /** Addresses to use instead of the vendors’ own, by provider name: simulated vendors, proxies. */
  readonly endpoints?: Readonly<
    Record<string, { readonly api?: string; readonly registry?: string }>
  >;
  /** Receives every step, for logs, metrics and a person at a terminal. */
  readonly observe?: (step: Step) => void;
  /** Receives every call to a provider, for metrics. */
  readonly called?: (call: VendorCall) => void;
  /** Carries out each transition inside a trace. */
  readonly traced?: (step: Started, work: () => Promise<void>) => Promise<void>;
}

/** A step that is about to begin. */
export interface Started extends Omit<Step, 'error'> {
  readonly correlationId: string;
}

/** One call to a provider's API, including its repeats. */
export interface VendorCall {
  readonly provider: string;
  /** Milliseconds. */
  readonly took: number;
  /** HTTP status; `undefined` if no answer came. */
  readonly status: number | undefined;
}

/** One action of a run, and its outcome. */
export interface Step {
  readonly target: Target;
  readonly decision: Decision;
  /** `undefined` for a success, and for `wait`. */
  readonly error?: RekeyError;
  /**
   * The correlation id of the request behind the step, or else of the run: the same as in its
   * events.
   */
  readonly correlationId?: string;
}
