import type * as z from 'zod';
import type { Bearer, Http } from './ports.ts';
import type { Secret } from './secret.ts';

/** A username and password that a registry accepts, and the provider's id of the pair. */
export interface Credential {
  readonly id: string;
  readonly username: string;
  readonly password: Secret;
  /** Host (and port) of the registry, as in an image reference. */
  readonly registry: string;
  /** When the provider lets it expire by itself. */
  readonly expiresAt?: Date | undefined;
  /**
   * Set where it is no login: the password is a token that is sent as it is, `Authorization:
   * Bearer`.
   */
  readonly bearer?: Bearer | undefined;
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
  /**
   * Whether a credential can be given an expiry when it is issued. Where nothing can be listed, it
   * must be.
   */
  readonly expiry: boolean;
  /** How many credentials may be alive at once for one target. */
  readonly liveAtOnce: number;
  /** Who chooses the username. At most providers it changes with every rotation. */
  readonly username: 'provider' | 'label';
  /**
   * The provider shows the password again: `issue` under a label that exists gives that credential,
   * and none is lost.
   */
  readonly readAgain: boolean;
  /**
   * Its credentials are bearer tokens, each for one repository: nothing that `docker login` takes.
   */
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
 * One vendor. A call may come twice, late, or half-way through: it looks first where it can, and
 * treats "already so" as success. Every failure is a `RekeyError`; nothing that the vendor wrote
 * enters a message.
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
  /**
   * Host suffixes (`.example.com`), besides the registry's own host, where its tokens may be
   * fetched.
   */
  readonly realms: readonly string[];
  /**
   * The parameters that say where a credential lives, and not what it may do: a project, a
   * registry, an organization, the address of an installation. They, the provider and the admin
   * secret's name are its place, which goes into the ledger. A call with the same place must find,
   * disable and revoke the credential whatever the other parameters are; optional ones come with
   * their default filled in, so that writing it down is no move. Absent where the parameters do not
   * say where.
   */
  place?(params: Params): readonly string[];
  /**
   * The actions that credentials with these parameters can have: what else `verify.actions` asks
   * for is never granted. @default any
   */
  actions?(params: Params): readonly string[];
  /** How long a credential lives, in milliseconds, where the provider or the parameters fix it. */
  lifetime?(params: Params): number;
  /**
   * Looks, cheaply and without changing anything, whether the admin credential is valid and its
   * rights suffice, and whether what the parameters name exists. Throws what is wrong, with what to
   * do about it.
   */
  check(call: ProviderCall<Params, Admin>): Promise<void>;
  /**
   * Issues one credential. Never retried: a lost answer is resolved with `find`, or by the expiry.
   */
  issue(call: ProviderCall<Params, Admin>, order: Order): Promise<Credential>;
  /**
   * All live credentials whose label begins with `prefix`, to the last page; empty where
   * `capabilities.list` is false.
   */
  find(call: ProviderCall<Params, Admin>, prefix: string): Promise<readonly FoundCredential[]>;
  /**
   * Ends the credential for good. Unknown to the provider is success. Absent where a credential can
   * only expire.
   */
  revoke?(call: ProviderCall<Params, Admin>, credential: RevocableCredential): Promise<void>;
  /** Suspends (`false`) or restores (`true`) a credential; only where `capabilities.disable`. */
  enable?(
    call: ProviderCall<Params, Admin>,
    credential: RevocableCredential,
    enabled: boolean,
  ): Promise<void>;
}

/** What is to be issued. */
export interface Order {
  /** Borne in the credential's name, comment or description. */
  readonly label: string;
  /** When it shall expire by itself; only where `capabilities.expiry`. */
  readonly expiresAt?: Date | undefined;
  /**
   * Id of the current credential, for providers that grant rights to each credential by itself: it
   * takes them over. Not given where the current one was issued for other parameters.
   */
  readonly predecessor?: string | undefined;
}

/**
 * A leftover is revoked by id alone; a stored credential brings its password along, which some
 * providers need to end it.
 */
export type RevocableCredential = { readonly id: string } & Partial<Credential>;
