import * as z from 'zod';
import { RekeyError } from '../errors.ts';
import { claimsOf, parseJson } from '../json.ts';
import type { Clock, SecretStore } from '../ports.ts';
import type { Provider } from '../provider.ts';
import type { Secret } from '../secret.ts';
import { earliest, MINUTE, SECOND } from '../time.ts';

/** The admin credentials, parsed as each provider wants them. */
export interface Admins {
  /**
   * Throws `admin-missing` if the secret does not exist or does not hold what the provider needs.
   */
  get(secret: string, provider: Provider, signal?: AbortSignal): Promise<unknown>;
  /** When it ends, where it shows that: by `expiresAt` in the secret, or by the claims of a JWT. */
  expiry?(secret: string): Promise<Date | undefined>;
  /** Forgets one, so that a replaced credential is read at once: after the provider refused it. */
  drop(secret: string): void;
  /**
   * Leaves the account alone until then: the provider asked for fewer calls. Forgotten with the
   * worker, which costs one call.
   */
  rest?(secret: string, until: Date): void;
  /** Until when it is left alone, if it is. */
  restingUntil?(secret: string): Date | undefined;
}

/**
 * Reads admin secrets, and remembers each for five minutes: a warm worker reads it once for many
 * targets.
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
 * JSON as it is, without the end that a person may have written beside it; any other text is a
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

/** A day, or a time with an offset: what says neither would be read as the time of this machine. */
function dateOf(text: unknown): Date | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/.test(text))
    return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const Claims = z.object({ exp: z.int().positive().max(8.64e12) });

/**
 * The `exp` of a JSON Web Token (RFC 7519, 4.1.4), which IONOS' tokens are. Whoever issued it
 * judges it; this only reads it.
 */
function endOfToken(text: unknown): Date | undefined {
  if (typeof text !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text.trim())) return undefined;
  const { data } = Claims.safeParse(claimsOf(text.trim()));
  return data && new Date(data.exp * SECOND);
}
