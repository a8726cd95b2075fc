import type * as z from 'zod';
import { type ErrorCode, RekeyError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { HttpAnswer } from '../core/ports.ts';

/** Advice for the user, with the status's usual error code or with another. */
export type Meaning = string | readonly [ErrorCode, advice: string];

/** Meanings by status, where they differ from the usual ones. */
export type Meanings = Readonly<Record<number, Meaning>>;

/** True for 2xx. */
export const succeeded = (answer: HttpAnswer): boolean =>
  answer.status >= 200 && answer.status < 300;

/**
 * The error that a non-2xx answer stands for. The body is not looked at: vendors echo what they
 * were sent.
 */
export function failure(doing: string, answer: HttpAnswer, meanings: Meanings = {}): RekeyError {
  const [code, advice] = readMeaning(answer.status, meanings[answer.status]);
  return new RekeyError(code, `${doing}: status ${answer.status}: ${advice}`, {
    retryAfter: answer.retryAfter,
  });
}

function readMeaning(status: number, meaning: Meaning | undefined): readonly [ErrorCode, string] {
  if (typeof meaning === 'string') return [usual(status)[0], meaning];
  return meaning ?? usual(status);
}

function usual(status: number): readonly [ErrorCode, string] {
  if (status === 401)
    return [
      'admin-refused',
      'the provider refuses the admin credential; put a valid one into the admin secret',
    ];
  if (status === 403)
    return ['forbidden', 'the admin credential lacks a right that this call needs'];
  if (status === 404) return ['not-found', 'what the parameters name does not exist there'];
  if (status === 409) return ['conflict', 'the name is taken; the next attempt takes another one'];
  if (status === 429) return ['throttled', 'too many calls; rekey waits and tries again'];
  if (status >= 500) return ['provider-failed', 'the provider failed'];
  if (status >= 400) return ['rejected', 'the provider does not take this request'];
  return ['bad-answer', 'a success status was expected'];
}

/**
 * Content types that may be named in a message: what else stands in the header is the vendor's
 * text.
 */
const usualTypes = ['application/json', 'application/xml', 'text/html', 'text/plain', 'text/xml'];

/**
 * The parsed JSON body of a 2xx answer; throws what the status stands for, or `bad-answer` naming
 * the first wrong field.
 */
export function parsed<T>(
  doing: string,
  answer: HttpAnswer,
  schema: z.ZodType<T>,
  meanings?: Meanings,
): T {
  if (!succeeded(answer)) throw failure(doing, answer, meanings);
  const body = parseJson(answer.body);
  if (body === undefined) {
    const type = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    const kind =
      type === undefined
        ? 'no content type'
        : (usualTypes.find((known) => known === type) ?? 'another content type');
    throw new RekeyError(
      'bad-answer',
      `${doing}: status ${answer.status} with a body that is not JSON (${kind})`,
    );
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw new RekeyError(
    'bad-answer',
    `${doing}: the answer's "${first?.path.join('.') ?? ''}" is missing or not as documented`,
  );
}
