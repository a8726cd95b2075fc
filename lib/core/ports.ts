import type { RekeyEvent } from './events/index.ts';
import type { Secret } from './secret.ts';

/** The time. Injected everywhere, so that a month can pass in a test or a demonstration. */
export interface Clock {
  /** The current time. */
  now(): Date;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One secret as DescribeSecret and ListSecrets return it, without its value. */
export interface Snapshot {
  readonly arn: string;
  readonly name: string;
  /** Set while the secret is scheduled for deletion: nothing can be read or written then. */
  readonly deletedAt?: Date;
  /** Version id → staging labels. Versions without a label are left out. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** Its replicas in other regions, if it has any; ListSecrets does not return them. */
  readonly replicas?: readonly { readonly region: string; readonly inSync: boolean }[];
}

/**
 * Secrets Manager, as far as rekey needs it. Every method throws `aws-failed` for an outage or
 * throttling, and ends within seconds on its own. A signal ends it sooner, with its reason; it is
 * then unknown if a write was carried out.
 */
export interface SecretStore {
  /**
   * The snapshots of all secrets tagged with this fleet, 100 per call. They may lag by 5 minutes.
   */
  list(fleet: string, signal?: AbortSignal): AsyncIterable<Snapshot>;
  /** The current snapshot of one secret; `undefined` if there is no such secret. */
  describe(secret: string, signal?: AbortSignal): Promise<Snapshot | undefined>;
  /**
   * The value of one version (without an id: of AWSCURRENT); `undefined` if secret, version or
   * value is missing.
   */
  read(secret: string, versionId?: string, signal?: AbortSignal): Promise<Secret | undefined>;
  /**
   * Stores a new version under an id chosen by the caller, with these staging labels. `exists`: the
   * id is taken by another value (a repeat with the same value is `stored`). `rotationToken`: the
   * token that Secrets Manager passed to its rotation function. Throws `secret-missing`,
   * `label-limit`. Takes no signal: the value may be a credential that already exists at the
   * provider, so a worker stores it even when its time is over.
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
   * on `from`, or is on another version, so nothing was changed. Throws `secret-missing`,
   * `label-limit`.
   */
  label(
    secret: string,
    label: string,
    move: { readonly from?: string; readonly to?: string },
    options?: LabelOptions,
  ): Promise<boolean>;
  /**
   * Asks Secrets Manager to rotate the secret with its configured function, into a version of this
   * id. `under-way`: another rotation has begun, and Secrets Manager continues it. Throws
   * `secret-missing`, and `forbidden` if the secret has no function.
   */
  rotate(secret: string, versionId: string, signal?: AbortSignal): Promise<'started' | 'under-way'>;
}

/** Options of `SecretStore.label`, which is UpdateSecretVersionStage at AWS. */
export interface LabelOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the request is signed, right before it is sent; if it throws, the request is not
   * sent. With this callback the request is sent once, and not repeated after a failure: the facts
   * that the callback checked may have changed by then, so the caller reads them again first.
   */
  readonly beforeSend?: (() => void) | undefined;
}

/** EventBridge. */
export interface EventSink {
  /**
   * Publishes all of them or throws `events-failed`. A repeat is harmless: each event has an id.
   */
  publish(events: readonly RekeyEvent[], signal?: AbortSignal): Promise<void>;
}

/** The scope of a bearer token. */
export interface Bearer {
  /** The repository that the token is for. */
  readonly repository: string;
}

/** The input of one check of a login at a registry. */
export interface RegistryQuestion {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
  /**
   * The password is a bearer token: it is sent to the registry, for its repository, and to no token
   * server.
   */
  readonly bearer?: Bearer | undefined;
  /** Host suffixes, in addition to the registry's own host, to which the password may go. */
  readonly realms: readonly string[];
  /** Request these rights too, and read the granted ones from the token. */
  readonly access?:
    | { readonly repository: string; readonly actions: readonly string[] }
    | undefined;
  /** Tag or digest in `access.repository` to look up with the fetched token. */
  readonly manifest?: string | undefined;
}

/**
 * The result of one check of a login at a registry. Only `accepted`, `refused` and `lacks-rights`
 * prove anything about the credential.
 */
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

/**
 * The reason why a check gave no verdict. `throttled`: a 429. `failed`: a 5xx, or another error in
 * the form that registries use.
 */
export type UnknownCause =
  /** Name resolution, connection, TLS, timeout. */
  | 'unreachable'
  /** rekey does not connect to its address. */
  | 'refused-address'
  | 'throttled'
  | 'failed'
  /** 403 before any credential was sent: an allow-list, a firewall. */
  | 'not-allowed'
  /** The answer does not come from a registry: no challenge, HTML, no token. */
  | 'not-a-registry'
  /** The challenge points to a place where the password must not go. */
  | 'untrusted-realm'
  /** It accepts a login that does not exist, too: its answer for this one proves nothing. */
  | 'open-to-all';

/**
 * Checks logins at Docker Registry v2 hosts. The engine uses it to prove that a credential works,
 * and that a revoked one is dead.
 */
export interface RegistryCheck {
  /** Never throws because of a registry or a network; throws the reason of the signal. */
  check(question: RegistryQuestion, signal: AbortSignal): Promise<Verdict>;
}

/**
 * One request to a vendor or a registry. Its headers and body may hold credentials, so errors
 * contain only the host.
 */
export interface HttpRequest {
  /** The method. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The whole URL, with its query. */
  readonly url: string;
  /** Headers in addition to those of the client. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly body?: string;
  /**
   * May be repeated within the deadline after a 429, a 5xx or a lost connection. Never set for a
   * create.
   */
  readonly idempotent: boolean;
  /**
   * Largest body of an answer, in bytes; a larger one is an error. @default the client's setting, 1
   * MiB
   */
  readonly maxBytes?: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** An answer with any status. Its body is complete, and within `maxBytes`. */
export interface HttpAnswer {
  /** The status code. */
  readonly status: number;
  /** Names in lower case; the values of a repeated header are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text; empty without one. */
  readonly body: string;
  /** The wait that `Retry-After` asks for, in milliseconds. */
  readonly retryAfter: number | undefined;
}

/**
 * HTTP with one deadline per call, bounded bodies and no redirects. Throws `unreachable`,
 * `refused-address` and `bad-answer` (too large).
 */
export interface Http {
  /** Sends a request, and returns the answer of any status. Without one it throws `unreachable`. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes its connections. */
  close?(): Promise<void>;
}
