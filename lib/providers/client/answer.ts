import type * as z from 'zod';
import { type ErrorCode, RekeyError } from '../../core/errors.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import { failure, type Meaning, type Meanings, parsed, succeeded } from '../../http/answer.ts';
import { anyObject } from './schemas.ts';

/** Answers that count as success besides 204 and a JSON object. */
export interface Confirmation {
  /** Statuses that are success too: a deleted credential that is unknown already. */
  readonly gone?: readonly number[];
  /**
   * Called after such a status if the vendor also sends it to an admin who has lost access to the
   * project or registry above the credential. Throws in that case.
   */
  readonly goneIf?: () => Promise<unknown>;
  /** Any success may have no body; otherwise only 204 may. */
  readonly empty?: boolean;
  /** Statuses that mean something else in this call. */
  readonly meanings?: Meanings;
}

/** An answer to one request. Its errors name the purpose of the request. */
export interface ApiAnswer extends HttpAnswer {
  /** True for a status of 2xx. */
  readonly succeeded: boolean;
  /** The parsed body of a success. Throws the error for any other status. */
  read<T>(schema: z.ZodType<T>, meanings?: Meanings): T;
  /** Throws unless the answer is a success: 204, or 2xx with some JSON object. */
  confirm(options?: Confirmation): void;
  /** The error for a status other than 2xx. */
  refusal(): RekeyError;
  /** An error about this answer: `<doing>: status <n>: <text>`. */
  error(code: ErrorCode, text: string): RekeyError;
  /** `bad-answer`: a success without something that it should hold. */
  lacks(what: string): RekeyError;
}

/** Adds the methods to an answer. `meaning`, read from its body, outweighs its status. */
export function apiAnswer(
  what: string,
  answer: HttpAnswer,
  meanings: Meanings,
  meaning: Meaning | undefined,
): ApiAnswer {
  const { status } = answer;
  const all = (others?: Meanings): Meanings => ({
    ...meanings,
    ...others,
    ...(meaning && { [status]: meaning }),
  });
  const error: ApiAnswer['error'] = (code, text) =>
    new RekeyError(code, `${what}: status ${status}: ${text}`);
  const read = <T>(schema: z.ZodType<T>, others?: Meanings) =>
    parsed(what, answer, schema, all(others));
  return {
    ...answer,
    succeeded: succeeded(answer),
    read,
    confirm({ gone = [], empty = false, meanings: others } = {}) {
      const bodyless = status === 204 || (empty && answer.body.trim() === '');
      if (gone.includes(status) || (succeeded(answer) && bodyless)) return;
      read(anyObject, others);
    },
    refusal: () => failure(what, answer, all()),
    error,
    lacks: (missing) => error('bad-answer', `it holds no ${missing}`),
  };
}

/**
 * Time until a throttled vendor may be called again, in milliseconds: `Retry-After`, or else the
 * header that DigitalOcean and GitLab send with an hourly limit, a Unix time in seconds.
 */
export function easesIn(answer: HttpAnswer, now: Date): number | undefined {
  const reset = answer.headers['ratelimit-reset'] ?? '';
  if (answer.status !== 429 || answer.retryAfter !== undefined || !/^\d{1,11}$/.test(reset))
    return answer.retryAfter;
  return Math.max(0, Number(reset) * 1000 - now.getTime());
}
