import { RekeyError } from '../../../lib/core/errors.ts';
import type { Clock, Http, RegistryCheck, SecretStore } from '../../../lib/core/ports.ts';
import { type Address, addressOf, type Provider } from '../../../lib/core/provider.ts';
import { rememberedAdmins } from '../../../lib/core/reconcile/index.ts';
import { Secret } from '../../../lib/core/secret.ts';
import { createRegistryCheck } from '../../../lib/registry/check.ts';
import { secretsIn } from './secrets.ts';
import { wrongAdmin } from './wrong-admin.ts';

/** The settings of a run. */
export interface Given {
  readonly provider: Provider;
  /** The content of the admin secret, as it would be in Secrets Manager. */
  readonly admin: string;
  /** The params, as in the fleet file. */
  readonly params: unknown;
  /** Rights that the registry must grant. @default none: the login alone is checked */
  readonly access?: { readonly repository: string; readonly actions: readonly string[] };
  /** Host of the registry to ask. @default the credential's own */
  readonly host?: string | undefined;
  /** How long the registry may take to follow a change, in milliseconds. */
  readonly within: number;
}

/** One account at a vendor, and how to reach it. */
export interface Account extends Omit<Given, 'admin'> {
  readonly admin: unknown;
  /** The admin credential with another secret; `undefined` if that would have another form. */
  readonly wrongAdmin: unknown;
  /** Texts that are never printed. */
  readonly secrets: readonly string[];
  readonly address: Address;
  readonly http: Http;
  readonly registry: RegistryCheck;
  readonly clock: Clock;
}

interface Reach {
  readonly http: Http;
  readonly clock: Clock;
  /** Overrides the provider's own addresses, for a simulated vendor. */
  readonly at?: { readonly api: string; readonly registry: string };
}

/** Throws `admin-missing` or `bad-fleet` with the fields that are wrong; calls no one. */
export async function accountOf(given: Given, { http, clock, at }: Reach): Promise<Account> {
  const { provider, admin: text } = given;
  const parsed = provider.params.safeParse(given.params);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the whole value'}: ${message}`,
    );
    throw new RekeyError(
      'bad-fleet',
      `REKEY_LIVE_PARAMS is not what ${provider.name} needs: ${fields.join('; ')}`,
    );
  }
  const store: Pick<SecretStore, 'read'> = { read: async () => new Secret(text) };
  const admins = rememberedAdmins(store as SecretStore, clock);
  const admin = await admins.get('REKEY_LIVE_ADMIN', provider);
  return {
    ...given,
    params: parsed.data,
    admin,
    wrongAdmin: wrongAdmin(provider, text, admin),
    secrets: [text.trim(), ...secretsIn(admin)],
    address: addressOf(provider, parsed.data, at),
    http,
    registry: createRegistryCheck({ http, now: clock.now }),
    clock,
  };
}
