import type * as z from 'zod';
import { type ErrorCode, RekeyError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { HttpAnswer } from '../core/ports.ts';

/** Advice for the user: with the usual error code of the status, or with another code. */
export type Meaning = string | readonly [ErrorCode, advice: string];

/** Meanings by status, if they differ from the usual ones. */
export type Meanings = Readonly<Record<number, Meaning>>;

/** True for 2xx. */
export const succeeded = (answer: HttpAnswer): boolean =>
  answer.status >= 200 && answer.status < 300;

/**
 * The error for a status other than 2xx. It holds no text of the body: vendors echo requests.
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
  if (status === 404)
    return ['not-found', 'the parameters name something that does not exist there'];
  if (status === 409) return ['conflict', 'the name is taken; the next attempt takes another one'];
  if (status === 429) return ['throttled', 'too many calls; rekey waits and tries again'];
  if (status >= 500) return ['provider-failed', 'the provider failed'];
  if (status >= 400) return ['rejected', 'the provider rejects this request'];
  return ['bad-answer', 'a success status was expected'];
}

/** Content types that a message may name. Any other value is text of the vendor. */
const usualTypes = ['application/json', 'application/xml', 'text/html', 'text/plain', 'text/xml'];

/**
 * The parsed JSON body of a 2xx answer. Throws the error for any other status, and `bad-answer`
 * with the name of the first wrong field.
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
