import * as z from 'zod';
import { Secret } from '../../core/secret.ts';

/** Text that is not empty. */
export const text = z.string().min(1);

/** A secret that a person writes, wrapped at once. */
export const secretText = z
  .string('text')
  .min(1, 'text')
  .transform((value) => new Secret(value));

/** A secret of a known form. Surrounding spaces and line breaks are removed. */
export const secretLike = (pattern: RegExp, expected: string) =>
  z
    .string('text')
    .trim()
    .regex(pattern, expected)
    .transform((value) => new Secret(value));

/** A secret for a header: printable ASCII without spaces. */
export const headerSecret = secretLike(/^[\x21-\x7e]{1,4096}$/, 'text without spaces');

/** An admin secret that is one token: `{ token: … }`, or its text alone. */
export const tokenAdmin = z.strictObject({ token: headerSecret });

/** A list of at least one; `what` is one of its items. */
export const listOf = <T extends z.ZodType>(what: string, item: T) =>
  z.array(item, `a list of ${what}s`).min(1, `at least one ${what}`);

/** A username that a person writes. Basic authentication ends it at a colon. */
export const username = z.string().regex(/^[^:\p{Cc}]+$/u, 'a user name without a colon');

/** An admin secret with a username and a password. */
export const passwordAdmin = z.strictObject({ username, password: secretText });

/** An id as the vendor gives it. In a path it needs no escaping. */
export const vendorId = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);

/** A time as the vendor writes it (ISO 8601, RFC 2822); `undefined` if it is invalid. */
export const vendorTime = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()))
  .optional()
  .catch(undefined);

/** A field that is `undefined` if it is missing or of another type. */
export const lenient = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined);

/** Host of a registry, with or without a port: nothing else that a URL can hold. */
export const registryHost = z.string().regex(/^[A-Za-z0-9.-]+(:\d+)?$/);

/** Origin of a self-hosted installation: https, or http on loopback, without a path. */
export function origin(what: string, example: string) {
  const expected = `the origin of ${what}, such as ${example}`;
  return z.string(expected).refine(isOrigin, expected);
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.origin !== text) return false;
  const { protocol, hostname } = url;
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}

/** An id that is a number at the vendor, as text. */
export const numericId = z.int().min(0).transform(String);

/** Any JSON object. A proxy's page is not one, so it does not count as a success. */
export const anyObject = z.object({});
