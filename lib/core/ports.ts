import type * as z from 'zod';
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
 * Secrets Manager, as far as rekey needs it. Every method throws `aws-failed` for an outage or throttling, and ends by itself within
 * seconds. A signal ends it sooner, with its reason; whether a write was carried out is then not known.
 */
export interface SecretStore {
  /** The snapshots of all secrets tagged with this fleet, 100 a call. They may lag by five minutes. */
  list(fleet: string, signal?: AbortSignal): AsyncIterable<Snapshot>;
  /** The snapshot of one secret, read fresh; `undefined` if there is no such secret. */
  describe(secret: string, signal?: AbortSignal): Promise<Snapshot | undefined>;
  /** The value of one version (without an id: of AWSCURRENT); `undefined` if secret, version or value is missing. */
  read(secret: string, versionId?: string, signal?: AbortSignal): Promise<Secret | undefined>;
  /**
   * Stores a new version under an id chosen by the caller, with these staging labels. `exists`: the id is taken by
   * another value (a repeat with the same value is `stored`). `rotationToken` is what Secrets Manager gave the function that
   * rotates for it. Throws `secret-missing`, `label-limit`. Takes no signal: the value may be a credential that exists already, and
   * whoever runs out of time has this much left.
   */
  put(
    secret: string,
    versionId: string,
    value: Secret,
    labels: readonly string[],
    rotationToken?: string,
  ): Promise<'stored' | 'exists'>;
  /**
   * Attaches (`to`), removes (`from`) or moves (both) one staging label. `false`: the label is not where `from` says,
   * or sits elsewhere, so that nothing was changed. Throws `secret-missing`, `label-limit`.
   */
  label(
    secret: string,
    label: string,
    move: { readonly from?: string; readonly to?: string },
    options?: LabelOptions,
  ): Promise<boolean>;
  /**
   * Asks Secrets Manager to rotate the secret by the function that is set up for it, into a version of this id. `under-way`: another
   * rotation is, which Secrets Manager then goes on with. Throws `secret-missing`, and `forbidden` where no function is set up.
   */
  rotate(secret: string, versionId: string, signal?: AbortSignal): Promise<'started' | 'under-way'>;
}

export interface LabelOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the request is signed, right before it is sent: it is kept back if this throws. The request is then sent once, and not
   * again after a failure: what the check looked at may have changed by then, so the caller looks again first.
   */
  readonly check?: (() => void) | undefined;
}

/** EventBridge. */
export interface EventSink {
  /** Publishes all of them or throws `events-failed`; a repeat is harmless, each event carries its own id. */
  publish(events: readonly RekeyEvent[], signal?: AbortSignal): Promise<void>;
}

/** A username and password that a registry accepts, and the provider's id of the pair. */
export interface Credential {
  readonly id: string;
  readonly username: string;
  readonly password: Secret;
  /** Host (and port) of the registry, as in an image reference. */
  readonly registry: string;
  /** When the provider lets it expire by itself. */
  readonly expiresAt?: Date | undefined;
  /** Set where it is no login: the password is a token that is sent as it is, `Authorization: Bearer`. */
  readonly bearer?: Bearer | undefined;
}

/** What a bearer token opens. */
export interface Bearer {
  readonly repository: string;
}

/** A credential the provider knows, seen from outside: its secret cannot be read. */
export interface FoundCredential {
  readonly id: string;
  /** The label it was issued under. */
  readonly label: string;
  /** When, by the provider's clock; absent if it does not tell. */
  readonly issuedAt?: Date | undefined;
}

/** What the strategy follows from; never the provider's name. */
export interface Capabilities {
  /** Credentials can be listed with their label, so that what a crash left behind can be found. */
  readonly list: boolean;
  /** A credential can be disabled and enabled again; revocation is then disable, soak, delete. */
  readonly disable: boolean;
  /** Whether a credential can be given an expiry when it is issued. Where nothing can be listed, it must be. */
  readonly expiry: boolean;
  /** How many credentials may be alive at once for one target. */
  readonly liveAtOnce: number;
  /** Who chooses the username. At most providers it changes with every rotation. */
  readonly username: 'provider' | 'label';
  /** The provider shows the password again: `issue` under a label that exists gives that credential, and none is lost. */
  readonly readAgain: boolean;
  /** Its credentials are bearer tokens, each for one repository: nothing that `docker login` takes. */
  readonly bearer?: boolean;
}

/** What each call of a provider is given. */
export interface ProviderCall<Params, Admin> {
  readonly params: Params;
  readonly admin: Admin;
  /** Base URL of the provider's API, without a slash at the end. */
  readonly endpoint: string;
  /** Host of the registry, where the provider does not tell it itself. */
  readonly registry: string | undefined;
  readonly http: Http;
  /** The time, for what is signed with it or reckoned from it. */
  readonly now: () => Date;
  /** Aborted when the run's time is over. */
  readonly signal: AbortSignal;
}

/**
 * One vendor. A call may come twice, late, or half-way through: it looks first where it can, and treats "already so"
 * as success. Every failure is a `RekeyError`; nothing that the vendor wrote enters a message.
 */
// biome-ignore lint/suspicious/noExplicitAny: a registry of providers holds different Params and Admin types
export interface Provider<Params = any, Admin = any> {
  /** As in the fleet file. For logs and metrics; no behaviour is switched on it. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** The parameters in the fleet file: strict. */
  readonly params: z.ZodType<Params>;
  /** The content of the admin secret. A secret that is not JSON arrives as `{ token: <text> }`. */
  readonly admin: z.ZodType<Admin>;
  /** Base URL of the API unless the wiring says otherwise, without a slash at the end. */
  readonly endpoint: string;
  /** Host of the registry; absent where the API tells it. */
  readonly registry?: string;
  /** Host suffixes (`.example.com`), besides the registry's own host, where its tokens may be fetched. */
  readonly realms: readonly string[];
  /**
   * The parameters that say where a credential lives, and not what it may do: a project, a registry, an organization, the address of an
   * installation. They, the provider and the admin secret's name are its place, which goes into the ledger. A call with the same place
   * must find, disable and revoke the credential whatever the other parameters are; optional ones come with their default filled in, so
   * that writing it down is no move. Absent where the parameters do not say where.
   */
  place?(params: Params): readonly string[];
  /** The actions that credentials with these parameters can have: what else `verify.actions` asks for is never granted. @default any */
  actions?(params: Params): readonly string[];
  /** How long a credential lives, in milliseconds, where the provider or the parameters fix it. */
  lifetime?(params: Params): number;
  /**
   * Looks, cheaply and without changing anything, whether the admin credential is valid and its rights suffice, and whether
   * what the parameters name exists. Throws what is wrong, with what to do about it.
   */
  check(call: ProviderCall<Params, Admin>): Promise<void>;
  /** Issues one credential. Never retried: a lost answer is resolved with `find`, or by the expiry. */
  issue(call: ProviderCall<Params, Admin>, order: Order): Promise<Credential>;
  /** All live credentials whose label begins with `prefix`, to the last page; empty where `capabilities.list` is false. */
  find(call: ProviderCall<Params, Admin>, prefix: string): Promise<readonly FoundCredential[]>;
  /** Ends the credential for good. Unknown to the provider is success. Absent where a credential can only expire. */
  revoke?(call: ProviderCall<Params, Admin>, credential: RevocableCredential): Promise<void>;
  /** Suspends (`false`) or restores (`true`) a credential; only where `capabilities.disable`. */
  enable?(call: ProviderCall<Params, Admin>, credential: RevocableCredential, enabled: boolean): Promise<void>;
}

/** What is to be issued. */
export interface Order {
  /** Borne in the credential's name, comment or description. */
  readonly label: string;
  /** When it shall expire by itself; only where `capabilities.expiry`. */
  readonly expiresAt?: Date | undefined;
  /**
   * Id of the current credential, for providers that grant rights to each credential by itself: it takes them over. Not
   * given where the current one was issued for other parameters.
   */
  readonly predecessor?: string | undefined;
}

/** A leftover is revoked by id alone; a stored credential brings its password along, which some providers need to end it. */
export type RevocableCredential = { readonly id: string } & Partial<Credential>;

/** One question to a registry. */
export interface RegistryQuestion {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
  /** The password is a bearer token: it is shown to its repository, and no token server is asked. */
  readonly bearer?: Bearer | undefined;
  /** Host suffixes, besides the registry's own host, to which the password may go. */
  readonly realms: readonly string[];
  /** Ask for these rights too, and read them from the token. */
  readonly access?: { readonly repository: string; readonly actions: readonly string[] } | undefined;
  /** Tag or digest in `access.repository` to look up with the fetched token. */
  readonly manifest?: string | undefined;
}

export type Verdict =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused' }
  /** Accepted, but the token lacks these actions. */
  | { readonly outcome: 'lacks-rights'; readonly missing: readonly string[] }
  /** No verdict; `retryAfter` in milliseconds if the registry asked for it. */
  | { readonly outcome: 'unknown'; readonly cause: UnknownCause; readonly retryAfter?: number | undefined };

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
  /** May be repeated within the deadline after a 429, a 5xx or a lost connection. Never set for a create. */
  readonly idempotent: boolean;
  /** Bytes of the answer's body that are read before it is given up. @default what the client is set to, 1 MiB */
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

/** HTTP with one deadline a call, bounded bodies and no redirects. Throws `unreachable`, `refused-address` and `bad-answer` (too large). */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes its connections. */
  close?(): Promise<void>;
}
