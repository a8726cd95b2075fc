import type { RekeyEvent } from './events/index.ts';
import type { Secret } from './secret.ts';

/** The time. Injected everywhere, so that a month can pass in a test or a demonstration. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What DescribeSecret and ListSecrets tell about one secret. No value is in it. */
export interface Snapshot {
  readonly arn: string;
  readonly name: string;
  /** Set while the secret is scheduled for deletion: nothing can be read or written then. */
  readonly deletedAt?: Date;
  /** Version id → staging labels. Versions without a label are not in it. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** Its replicas in other regions, if it has any; ListSecrets does not tell of them. */
  readonly replicas?: readonly { readonly region: string; readonly inSync: boolean }[];
}

/**
 * Secrets Manager, as far as rekey needs it. Every method throws `aws-failed` for an outage or
 * throttling, and ends by itself within seconds. A signal ends it sooner, with its reason; whether
 * a write was carried out is then not known.
 */
export interface SecretStore {
  /**
   * The snapshots of all secrets tagged with this fleet, 100 a call. They may lag by five minutes.
   */
  list(fleet: string, signal?: AbortSignal): AsyncIterable<Snapshot>;
  /** The snapshot of one secret, read fresh; `undefined` if there is no such secret. */
  describe(secret: string, signal?: AbortSignal): Promise<Snapshot | undefined>;
  /**
   * The value of one version (without an id: of AWSCURRENT); `undefined` if secret, version or
   * value is missing.
   */
  read(secret: string, versionId?: string, signal?: AbortSignal): Promise<Secret | undefined>;
  /**
   * Stores a new version under an id chosen by the caller, with these staging labels. `exists`: the
   * id is taken by another value (a repeat with the same value is `stored`). `rotationToken` is
   * what Secrets Manager gave the function that rotates for it. Throws `secret-missing`,
   * `label-limit`. Takes no signal: the value may be a credential that exists already, and whoever
   * runs out of time has this much left.
   */
  put(
    secret: string,
    versionId: string,
    value: Secret,
    labels: readonly string[],
    rotationToken?: string,
  ): Promise<'stored' | 'exists'>;
  /**
   * Attaches (`to`), removes (`from`) or moves (both) one staging label. `false`: the label is not
   * where `from` says, or sits elsewhere, so that nothing was changed. Throws `secret-missing`,
   * `label-limit`.
   */
  label(
    secret: string,
    label: string,
    move: { readonly from?: string; readonly to?: string },
    options?: LabelOptions,
  ): Promise<boolean>;
  /**
   * Asks Secrets Manager to rotate the secret by the function that is set up for it, into a version
   * of this id. `under-way`: another rotation is, which Secrets Manager then goes on with. Throws
   * `secret-missing`, and `forbidden` where no function is set up.
   */
  rotate(secret: string, versionId: string, signal?: AbortSignal): Promise<'started' | 'under-way'>;
}

export interface LabelOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the request is signed, right before it is sent: it is kept back if this throws. The
   * request is then sent once, and not again after a failure: what the check looked at may have
   * changed by then, so the caller looks again first.
   */
  readonly beforeSend?: (() => void) | undefined;
}

/** EventBridge. */
export interface EventSink {
  /**
   * Publishes all of them or throws `events-failed`; a repeat is harmless, each event carries its
   * own id.
   */
  publish(events: readonly RekeyEvent[], signal?: AbortSignal): Promise<void>;
}

/** What a bearer token opens. */
export interface Bearer {
  readonly repository: string;
}

/** One question to a registry. */
export interface RegistryQuestion {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
  /**
   * The password is a bearer token: it is shown to its repository, and no token server is asked.
   */
  readonly bearer?: Bearer | undefined;
  /** Host suffixes, besides the registry's own host, to which the password may go. */
  readonly realms: readonly string[];
  /** Ask for these rights too, and read them from the token. */
  readonly access?:
    | { readonly repository: string; readonly actions: readonly string[] }
    | undefined;
  /** Tag or digest in `access.repository` to look up with the fetched token. */
  readonly manifest?: string | undefined;
}

export type Verdict =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused' }
  /** Accepted, but the token lacks these actions. */
  | { readonly outcome: 'lacks-rights'; readonly missing: readonly string[] }
  /** No verdict; `retryAfter` in milliseconds if the registry asked for it. */
  | {
      readonly outcome: 'unknown';
      readonly cause: UnknownCause;
      readonly retryAfter?: number | undefined;
    };

export type UnknownCause =
  /** Name resolution, connection, TLS, time-out. */
  | 'unreachable'
  /** Its address is one that rekey does not connect to. */
  | 'refused-address'
  | 'throttled'
  | 'failed'
  /** 403 before any credential was sent: an allow-list, a firewall. */
  | 'not-allowed'
  /** The answer is not a registry's: no challenge, HTML, no token. */
  | 'not-a-registry'
  /** The challenge points to a place where the password must not go. */
  | 'untrusted-realm'
  /** It treats a login that nobody has no worse: what it says of this one proves nothing. */
  | 'open-to-all';

export interface RegistryCheck {
  /** Never throws for what a registry or a network does; the signal's reason is passed on. */
  check(question: RegistryQuestion, signal: AbortSignal): Promise<Verdict>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * May be repeated within the deadline after a 429, a 5xx or a lost connection. Never set for a
   * create.
   */
  readonly idempotent: boolean;
  /**
   * Bytes of the answer's body that are read before it is given up. @default what the client is set
   * to, 1 MiB
   */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

/** An answer with any status; its body was read whole, within bounds. */
export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; a header that came twice is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What `Retry-After` asks for, in milliseconds. */
  readonly retryAfter: number | undefined;
}

/**
 * HTTP with one deadline a call, bounded bodies and no redirects. Throws `unreachable`,
 * `refused-address` and `bad-answer` (too large).
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes its connections. */
  close?(): Promise<void>;
}
