import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { HttpAnswer, HttpRequest } from '../core/ports.ts';
import type { Provider, ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';

/** A provider whose credentials can be ended before they expire. */
export type Revoking<Params, Admin> = Provider<Params, Admin> &
  Required<Pick<Provider<Params, Admin>, 'revoke'>>;

/** The provider itself, checked: its schemas say what its calls are given. */
export function defineProvider<Params, Admin>(
  provider: Revoking<Params, Admin>,
): Revoking<Params, Admin>;
export function defineProvider<Params, Admin>(
  provider: Provider<Params, Admin>,
): Provider<Params, Admin>;
export function defineProvider<Params, Admin>(
  provider: Provider<Params, Admin>,
): Provider<Params, Admin> {
  return provider;
}

/** A secret that people write, wrapped at once. */
export const secretText = z
  .string('text')
  .min(1, 'text')
  .transform((value) => new Secret(value));

/** The same where it goes into a header as it is: printable ASCII without spaces. */
export const headerSecret = z
  .string('text')
  .trim()
  .regex(/^[\x21-\x7e]{1,4096}$/, 'text without spaces')
  .transform((value) => new Secret(value));

/** An id as the vendor gives it. */
export const vendorId = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);

/** A time as the vendor writes it (ISO 8601, RFC 2822); `undefined` if it is none. */
export const vendorTime = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()))
  .optional()
  .catch(undefined);

/**
 * An id as the end of a path: `..` or nothing would make it the path of all credentials, or of the
 * registry itself.
 */
export function pathOf(doing: string, id: string): string {
  if (vendorId.safeParse(id).success) return `/${id}`;
  throw new RekeyError('rejected', `${doing}: its id is not one that the provider gives`);
}

/**
 * Some JSON object: what is asked of an answer that holds nothing of use, so that a proxy's page is
 * no success.
 */
export const anyObject = z.object({});

/**
 * Bound of a list in one answer, where the vendor has no pages: some 50,000 credentials, which a
 * worker’s memory still holds.
 */
export const LIST_BYTES = 16 * 1024 * 1024;

/**
 * One call to a JSON API. `path` begins after the endpoint; `body` is anything that JSON can hold.
 */
export interface Question {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly idempotent: boolean;
  /** For lists: `LIST_BYTES`. */
  readonly maxBytes?: number;
}

/** Asks a JSON API. That no answer came is told together with what was being done. */
export async function send(
  doing: string,
  call: ProviderCall<unknown, unknown>,
  question: Question,
): Promise<HttpAnswer> {
  const { method, path, body, idempotent, maxBytes } = question;
  const headers: Record<string, string> = { accept: 'application/json', ...question.headers };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const bound = maxBytes === undefined ? {} : { maxBytes };
  const request = {
    method,
    url: `${call.endpoint}${path}`,
    headers,
    ...text,
    idempotent,
    ...bound,
    signal: call.signal,
  };
  try {
    return await call.http.send(request);
  } catch (error) {
    if (!(error instanceof RekeyError)) throw error;
    throw new RekeyError(error.code, `${doing}: ${error.message}`, { cause: error });
  }
}
