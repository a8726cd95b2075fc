import * as z from 'zod';
import type { HttpAnswer } from '../../core/ports.ts';
import type { ProviderCall } from '../../core/provider.ts';
import type { Secret } from '../../core/secret.ts';
import { failure, type Meanings, parsed } from '../../http/answer.ts';
import { anyObject, type Question, send } from '../common.ts';
import { originOf } from './address.ts';

export type Call = ProviderCall<
  { readonly organization: string; readonly robot: string; readonly endpoint?: string | undefined },
  { readonly token: Secret }
>;

/** One call of Quay's management API. `path` begins after `/api/v1`. */
export function ask(doing: string, call: Call, question: Question): Promise<HttpAnswer> {
  const headers = { authorization: `Bearer ${call.admin.token.reveal()}` };
  return send(doing, { ...call, endpoint: `${originOf(call)}/api/v1` }, { ...question, headers });
}

const expired: Meanings[number] = [
  'admin-refused',
  'Quay refuses the OAuth token, which is not valid or has expired; put a valid one into the admin secret',
];
const meanings: Meanings = {
  400: [
    'rejected',
    'Quay does not take the request; check organization and robot in the params of the fleet file',
  ],
  401: expired,
  403: [
    'forbidden',
    'there is no such organization, or the user of the OAuth token does not administer it, or the token lacks one of the scopes org:admin and repo:admin',
  ],
  404: [
    'not-found',
    'a repository or team is not there, or endpoint in the params of the fleet file is no Quay',
  ],
  429: ['throttled', 'too many calls from this address; rekey waits and tries again'],
  503: ['provider-failed', 'Quay is down, or read-only for maintenance; rekey tries again'],
};

/** The error an answer stands for, by its status. */
export const refusal = (doing: string, answer: HttpAnswer): Error =>
  failure(doing, answer, meaningsOf(answer));

/** The body of a success; throws what any other answer means. */
export const read = <T>(
  doing: string,
  answer: HttpAnswer,
  schema: z.ZodType<T>,
  others: Meanings = {},
): T => parsed(doing, answer, schema, { ...meaningsOf(answer), ...others });

/**
 * Quay says 400 of what it does not find, and of much else. Said of one robot by its name, it means
 * that there is none; a proxy's 400 is no JSON.
 */
export const missing = (answer: HttpAnswer): boolean =>
  answer.status === 400 && body(answer, anyObject) !== undefined;

const Refusal = z.object({
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

/**
 * A write with a token that is not valid passes for a browser's, and is refused for want of a CSRF
 * token.
 */
function meaningsOf(answer: HttpAnswer): Meanings {
  if (answer.status !== 403) return meanings;
  const { error = '', message = '' } = body(answer, Refusal) ?? {};
  return /\bCSRF\b/.test(`${error} ${message}`) ? { ...meanings, 403: expired } : meanings;
}

function body<T>(answer: HttpAnswer, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(answer.body)).data;
  } catch {
    return undefined;
  }
}
