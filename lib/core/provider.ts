import type * as z from 'zod';
import type { Login } from './login.ts';
import type { Http } from './ports.ts';

/** A login that a provider issued, and the provider's id of it. */
export interface Credential extends Login {
  /** The provider's id, by which it is revoked. */
  readonly id: string;
  /** When the provider ends it. Absent: never. */
  readonly expiresAt?: Date | undefined;
}

/** A credential the provider knows, seen from outside: its secret cannot be read. */
export interface FoundCredential {
  /** The provider's id, as `issue` returned it. */
  readonly id: string;
  /** The label it was issued under. */
  readonly label: string;
  /** By the provider's clock; absent if the provider does not show it. */
  readonly issuedAt?: Date | undefined;
}

/** Selects credentials by label: every label with this prefix, or one label. */
export type LabelFilter = { readonly prefix: string } | { readonly label: string };

/** True if the filter selects a credential with this label. */
export const matches = (filter: LabelFilter, label: string): boolean =>
  'label' in filter ? label === filter.label : label.startsWith(filter.prefix);

/**
 * The facts about a provider that no method can show. Together with the optional methods they
 * decide the strategy; the provider's name never does.
 */
export interface Capabilities {
  /**
   * A credential can be given an expiry when it is issued. Required where `find` is absent and
   * nothing else limits a credential's life. @default false
   */
  readonly expiry: boolean;
  /** How many credentials may be alive at once for one target. @default Infinity */
  readonly liveAtOnce: number;
  /**
   * The provider shows the password again: `issue` under an existing label returns that credential,
   * so none is ever lost. @default false
   */
  readonly readAgain: boolean;
  /** It issues bearer tokens, each for one repository, and no logins. @default false */
  readonly bearer: boolean;
}

/** The input of each call of a provider. */
export interface ProviderCall<Params, Admin> {
  /** The parameters of the target, parsed. */
  readonly params: Params;
  /** The content of the admin secret, parsed. */
  readonly admin: Admin;
  /** Base URL of the provider's API, without a slash at the end. */
  readonly endpoint: string;
  /** Host of the registry, where the API does not return it. */
  readonly registry: string | undefined;
  /** The client for all requests. */
  readonly http: Http;
  /** The time, for signatures and expiries. */
  readonly now: () => Date;
  /** Aborted when the run's time is over. */
  readonly signal: AbortSignal;
}

/** The addresses of the API and the registry, for one target. */
export interface Address {
  /** Base URL of the API, without a slash at the end. */
  readonly endpoint: string;
  /** Host of the registry; `undefined` if the API returns it. */
  readonly registry: string | undefined;
  /** Host suffixes, in addition to the registry's own host, where its tokens may be fetched. */
  readonly realms: readonly string[];
}

/**
 * One vendor, as its author writes it. `find`, `revoke` and `enable` are capabilities: a provider
 * that cannot do one leaves it out.
 *
 * A call may come twice, late, or half-way through: it looks first where it can, and treats
 * "already so" as success. Every failure is a `RekeyError`; its message holds no text from the
 * vendor. All calls throw `admin-refused`, `forbidden`, `not-found`, `rejected`, `throttled`,
 * `provider-failed`, `unreachable`, `refused-address` and `bad-answer`; each names its others.
 */
export interface ProviderDefinition<Params, Admin> {
  /** As in the fleet file. For logs and metrics; no behavior depends on it. */
  readonly name: string;
  /** The differences from an ordinary provider. @default see `Capabilities` */
  readonly capabilities?: Partial<Capabilities>;
  /** The parameters in the fleet file: strict. */
  readonly params: z.ZodType<Params>;
  /** The content of the admin secret. A secret that is not JSON arrives as `{ token: <text> }`. */
  readonly admin: z.ZodType<Admin>;
  /** Default base URL of the API, without a slash at the end. Absent if `address` returns it. */
  readonly endpoint?: string;
  /** Host of the registry; absent if the API or `address` returns it. */
  readonly registry?: string;
  /**
   * Host suffixes (`.example.com`), in addition to the registry's own host, where its tokens may be
   * fetched. @default none
   */
  readonly realms?: readonly string[];
  /**
   * The address of an installation that the user runs, read from its parameters. Overrides
   * `endpoint`, `registry` and `realms`.
   */
  address?(params: Params): Partial<Address>;
  /**
   * The parameters that say where a credential lives, and not what it may do: a project, a
   * registry, an organization, the address of an installation. With the provider and the name of
   * the admin secret they are its place, which goes into the ledger. A call with the same place
   * must find, disable and revoke the credential, even if other parameters differ. Optional
   * parameters come with their defaults, so that writing a default down is no move. Absent if
   * no parameter says where.
   */
  place?(params: Params): readonly string[];
  /**
   * The actions (`pull`, `push`, …) that credentials with these parameters can be granted. A fleet
   * file that verifies others is refused. @default any
   */
  actions?(params: Params): readonly string[];
  /** How long a credential lives, in milliseconds, where the provider or the parameters fix it. */
  lifetime?(params: Params): number;
  /**
   * Checks, cheaply and without changing anything, that the admin credential is valid, that its
   * rights suffice, and that everything exists that the parameters name. Throws the first problem,
   * with advice.
   */
  check(call: ProviderCall<Params, Admin>): Promise<void>;
  /**
   * Issues one credential under `order.label`. Sent once and never repeated: `find`, or the expiry,
   * takes care of a lost answer. A credential that came without its password is deleted again. Also
   * throws `conflict` (the label is taken: the next attempt has another), `quota` and
   * `lacks-rights`.
   */
  issue(call: ProviderCall<Params, Admin>, order: Order): Promise<Credential>;
  /**
   * All live credentials whose label the filter selects, to the last page, each once; disabled ones
   * are left out. An API that can filter is asked for these alone: by prefix for a rotation, which
   * needs those of one secret, and for the search for orphans; by label for the proof that one
   * credential is gone. Absent: credentials cannot be listed.
   */
  find?(
    call: ProviderCall<Params, Admin>,
    filter: LabelFilter,
  ): Promise<readonly FoundCredential[]>;
  /**
   * Ends the credential for good. An unknown id is success. Also throws `still-accepted`, and
   * `secret-unreadable` if it needs the password and has none. Absent: credentials only expire.
   */
  revoke?(call: ProviderCall<Params, Admin>, credential: RevocableCredential): Promise<void>;
  /**
   * Suspends (`false`) or restores (`true`) a credential. To suspend an unknown id is success; to
   * restore it is `not-found`. Revocation is then disable, soak, delete.
   */
  enable?(
    call: ProviderCall<Params, Admin>,
    credential: RevocableCredential,
    enabled: boolean,
  ): Promise<void>;
}

/** One vendor, as the engine uses it. */
// biome-ignore lint/suspicious/noExplicitAny: a registry of providers holds different types
export interface Provider<Params = any, Admin = any> extends ProviderDefinition<Params, Admin> {
  /** Its capabilities, with the defaults filled in. */
  readonly capabilities: Capabilities;
  readonly endpoint: string;
  readonly realms: readonly string[];
}

/**
 * The addresses of a provider's API and registry. `other` overrides it, for simulated vendors and
 * proxies. If the API's own host is also the registry or a realm, it is replaced there too.
 */
export function addressOf(
  provider: Pick<Provider, 'endpoint' | 'registry' | 'realms' | 'address'>,
  params: unknown,
  other: { readonly api?: string; readonly registry?: string } = {},
): Address {
  const { endpoint, registry, realms } = provider;
  const own = { endpoint, registry, realms, ...provider.address?.(params) };
  const { api = own.endpoint } = other;
  const moved = (host: string) => (host === URL.parse(own.endpoint)?.host ? hostOf(api) : host);
  return {
    endpoint: api,
    registry: other.registry ?? (own.registry && moved(own.registry)),
    realms: own.realms.map(moved),
  };
}

const hostOf = (url: string): string => new URL(url).host;

/** The methods that a provider may leave out. */
type Optional = 'find' | 'revoke' | 'enable';

/**
 * Fills in the defaults. The type of the result shows which of `find`, `revoke` and `enable` exist,
 * and its schemas determine the types of `params` and `admin` in each call.
 */
export function defineProvider<Params, Admin, Given extends PropertyKey>(
  definition: ProviderDefinition<Params, Admin> & { readonly [Key in Given]: unknown },
): Provider<Params, Admin> &
  Required<Pick<ProviderDefinition<Params, Admin>, Extract<Given, Optional>>>;
export function defineProvider<Params, Admin>(
  definition: ProviderDefinition<Params, Admin>,
): Provider<Params, Admin> {
  return {
    endpoint: '',
    realms: [],
    ...definition,
    capabilities: {
      expiry: false,
      liveAtOnce: Infinity,
      readAgain: false,
      bearer: false,
      ...definition.capabilities,
    },
  };
}

/** The credential to issue. */
export interface Order {
  /**
   * Goes into the credential's name, comment or description, where it has one: up to 63 characters
   * of `a-z`, `0-9` and `-`, beginning with a letter.
   */
  readonly label: string;
  /** When it is to expire; given only with `capabilities.expiry`. */
  readonly expiresAt?: Date | undefined;
  /**
   * Id of the current credential, for providers that grant rights to each credential individually:
   * the new one takes them over. Absent if the current one was issued for other parameters.
   */
  readonly predecessor?: string | undefined;
}

/**
 * An orphan is revoked by id alone. A stored credential also brings its login, which some providers
 * need to end it.
 */
export type RevocableCredential = { readonly id: string } & Partial<Credential>;
