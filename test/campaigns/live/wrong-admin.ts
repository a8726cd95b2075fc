import { parseJson } from '../../../lib/core/json.ts';
import type { Provider } from '../../../lib/core/provider.ts';
import { secretsIn } from './secrets.ts';

/**
 * The parsed admin credential with other secrets of the same form, which its vendor must refuse;
 * `undefined` if the provider's own schema refuses it already.
 */
export function wrongAdmin(provider: Provider, text: string, admin: unknown): unknown {
  const json = parseJson(text.trim());
  const written = typeof json === 'object' && json !== null ? json : { token: text.trim() };
  const secrets = new Set(secretsIn(admin));
  const changed = Object.entries(written).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' && secrets.has(value.trim()) ? otherwise(value.trim()) : value,
  ]);
  const { expiresAt: _, ...other } = Object.fromEntries(changed) as Record<string, unknown>;
  const parsed = provider.admin.safeParse(other);
  const same = secretsIn(parsed.data).some((secret) => secrets.has(secret));
  return parsed.success && !same ? parsed.data : undefined;
}

/** The last characters that are replaced: enough to be wrong, and few enough to keep the form. */
const REPLACED = 8;

/** The same text with other letters and digits at its end; hex digits stay hex digits. */
export const otherwise = (text: string): string =>
  text.slice(0, -REPLACED) + text.slice(-REPLACED).replaceAll(/[0-9a-z]/gi, next);

function next(sign: string): string {
  const ring = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];
  const own = ring.find((one) => one.includes(sign)) ?? sign;
  return own[(own.indexOf(sign) + 1) % own.length] ?? sign;
}
