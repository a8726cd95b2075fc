import { RekeyError } from '../errors.ts';
import type { Clock, Provider, SecretStore } from '../ports.ts';
import type { Secret } from '../secret.ts';
import { MINUTE } from '../time.ts';

/** The admin credentials, parsed as each provider wants them. */
export interface Admins {
  /** Throws `admin-missing` if the secret does not exist or does not hold what the provider needs. */
  get(secret: string, provider: Provider, signal?: AbortSignal): Promise<unknown>;
  /** Forgets one, so that a replaced credential is read at once: after the provider refused it. */
  drop(secret: string): void;
  /** Leaves the account alone until then: the provider asked for fewer calls. Forgotten with the worker, which costs one call. */
  rest?(secret: string, until: Date): void;
  /** Until when it is left alone, if it is. */
  restingUntil?(secret: string): Date | undefined;
}

/** Reads admin secrets, and remembers each for five minutes: a warm worker reads it once for many targets. */
export function rememberedAdmins(store: SecretStore, clock: Clock, remember = 5 * MINUTE): Admins {
  const known = new Map<string, { readonly value: Secret; readonly until: number }>();
  const resting = new Map<string, Date>();

  async function read(secret: string, signal?: AbortSignal): Promise<Secret> {
    const found = known.get(secret);
    if (found && found.until > clock.now().getTime()) return found.value;
    const value = await store.read(secret, undefined, signal);
    if (!value) throw new RekeyError('admin-missing', `the admin secret ${secret} does not exist or has no value; create it`);
    known.set(secret, { value, until: clock.now().getTime() + remember });
    return value;
  }

  return {
    async get(secret, provider, signal) {
      const parsed = provider.admin.safeParse(content(await read(secret, signal)));
      if (parsed.success) return parsed.data;
      known.delete(secret);
      const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'the whole value').join(', ');
      throw new RekeyError('admin-missing', `the admin secret ${secret} is not what ${provider.name} needs: check ${fields}`);
    },
    drop: (secret) => void known.delete(secret),
    rest: (secret, until) => void resting.set(secret, until),
    restingUntil: (secret) => resting.get(secret),
  };
}

/** JSON as it is; any other text is a token. */
function content(value: Secret): unknown {
  const text = value.reveal().trim();
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? json : { token: text };
  } catch {
    return { token: text };
  }
}
