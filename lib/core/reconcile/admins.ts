import * as z from 'zod';
import { RekeyError } from '../errors.ts';
import { claimsOf, parseJson } from '../json.ts';
import type { Clock, SecretStore } from '../ports.ts';
import type { Provider } from '../provider.ts';
import type { Secret } from '../secret.ts';
import { earliest, MINUTE, SECOND } from '../time.ts';

/** The admin credentials, parsed into the form that each provider needs. */
export interface Admins {
  /**
   * Throws `admin-missing` if the secret does not exist or lacks something that the provider needs.
   */
  get(secret: string, provider: Provider, signal?: AbortSignal): Promise<unknown>;
  /**
   * The end of a credential, if it shows one: `expiresAt` in the secret, or the claims of a JWT.
   */
  expiry?(secret: string): Promise<Date | undefined>;
  /** Forgets a credential that the provider refused, so that its replacement is read at once. */
  drop(secret: string): void;
  /**
   * Makes no calls for this account until then, because the provider throttles them. A new worker
   * does not know about it, which costs one call.
   */
  rest?(secret: string, until: Date): void;
  /** The end of that rest, if there is one. */
  restingUntil?(secret: string): Date | undefined;
}

/**
 * Reads admin secrets, and remembers each for `remember` milliseconds: a warm worker reads a secret
 * once for many targets.
 */
export function rememberedAdmins(store: SecretStore, clock: Clock, remember = 5 * MINUTE): Admins {
  const known = new Map<string, { readonly value: Secret; readonly until: number }>();
  const resting = new Map<string, Date>();

  async function read(secret: string, signal?: AbortSignal): Promise<Secret> {
    const found = known.get(secret);
    if (found && found.until > clock.now().getTime()) return found.value;
    const value = await store.read(secret, undefined, signal);
    if (!value)
      throw new RekeyError(
        'admin-missing',
        `the admin secret ${secret} does not exist or has no value; create it`,
      );
    known.set(secret, { value, until: clock.now().getTime() + remember });
    return value;
  }

  return {
    async get(secret, provider, signal) {
      const { expiresAt, value } = content(await read(secret, signal));
      const parsed = provider.admin.safeParse(value);
      const dated = expiresAt === undefined || dateOf(expiresAt) !== undefined;
      if (parsed.success && dated) return parsed.data;
      known.delete(secret);
      const wrong =
        parsed.error?.issues.map(({ path }) => path.join('.') || 'the whole value') ?? [];
      const fields = [...wrong, ...(dated ? [] : ['expiresAt'])].join(', ');
      throw new RekeyError(
        'admin-missing',
        `the admin secret ${secret} is not what ${provider.name} needs: check ${fields}`,
      );
    },
    async expiry(secret) {
      const { expiresAt, value } = content(await read(secret));
      const ends = [dateOf(expiresAt), ...Object.values(value ?? {}).map(endOfToken)].filter(
        (date) => date !== undefined,
      );
      return ends.length > 0 ? earliest(...ends) : undefined;
    },
    drop: (secret) => void known.delete(secret),
    rest: (secret, until) => void resting.set(secret, until),
    restingUntil: (secret) => resting.get(secret),
  };
}

/**
 * Splits JSON into its value and the `expiresAt` that a person may have added. Any other text is a
 * token.
 */
function content(secret: Secret): { readonly expiresAt?: unknown; readonly value: object | null } {
  const text = secret.reveal().trim();
  const json = parseJson(text);
  if (typeof json !== 'object') return { value: { token: text } };
  if (json === null || Array.isArray(json)) return { value: json };
  const { expiresAt, ...value } = json as { readonly expiresAt?: unknown };
  return { expiresAt, value };
}

/**
 * Accepts a day, or a time with an offset. Any other text would be read in the time zone of this
 * machine.
 */
function dateOf(text: unknown): Date | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text))
    return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const Claims = z.object({ exp: z.int().positive().max(8.64e12) });

/**
 * The `exp` of a JSON Web Token (RFC 7519, 4.1.4); IONOS issues such tokens. The signature is not
 * verified: only the issuer judges the token.
 */
function endOfToken(text: unknown): Date | undefined {
  if (typeof text !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text.trim())) return undefined;
  const { data } = Claims.safeParse(claimsOf(text.trim()));
  return data && new Date(data.exp * SECOND);
}
