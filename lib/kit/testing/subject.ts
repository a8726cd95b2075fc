import type { ErrorCode } from '../../core/errors.ts';
import type { Provider } from '../../core/provider.ts';
import type { SimulatedVendor, VendorOptions } from '../../sandbox/vendors/vendor.ts';

/**
 * A provider and its simulated vendor. `create`, `list`, `remove` and `update` match the provider's
 * requests to the API, as "METHOD /path" with the whole path and without a query:
 * `/^POST .*\/tokens$/`. The tests let these requests fail, and count them.
 */
export interface Subject<
  Vendor extends SimulatedVendor = SimulatedVendor,
  Params = unknown,
  Admin = unknown,
> {
  /** The provider under test. */
  readonly provider: Provider<Params, Admin>;
  /** Creates a vendor without any credential: one for each test. */
  readonly vendor: (options: VendorOptions) => Vendor;
  /** The one request that issues a credential. */
  readonly create: RegExp;
  /** A request that lists credentials. A provider without `find` has none: `/^$/`. */
  readonly list: RegExp;
  /** The request that ends a credential. A provider without `revoke` has none: `/^$/`. */
  readonly remove: RegExp;
  /** The request that disables a credential. @default `/^PATCH/` */
  readonly update?: RegExp;
  /**
   * An admin secret in the provider's form with this text as its token or password. The text may be
   * wrong, or not a text at all: the tests expect the provider to refuse it.
   * @default `{ token: text }`
   */
  readonly admin?: (text: unknown) => Record<string, unknown>;
  /** The text is a password, which may contain anything. @default false */
  readonly anyPassword?: boolean;
  /** An id in the vendor's form that no credential has. @default a UUID */
  readonly unknownId?: string;
  /** Changes of the simulated vendor's params, for the test of the provider's `place`. */
  readonly place?: {
    /** Changes after which the credentials live elsewhere. */
    readonly moves: readonly Readonly<Record<string, unknown>>[];
    /** Changes after which the same credentials are still found. */
    readonly stays: readonly Readonly<Record<string, unknown>>[];
  };
  /** All credentials have the username of the account. @default false */
  readonly sharedUsername?: boolean;
  /**
   * A credential is revoked with its own password, without the admin credential. Its id is not
   * enough. @default false
   */
  readonly endsItself?: boolean;
  /** Error codes of answers to a revocation, by their names in `refusals`, where they differ. */
  readonly revocationCodes?: Readonly<Record<string, ErrorCode>>;
}
