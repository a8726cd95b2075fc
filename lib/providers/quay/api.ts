import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import { bearerAuth } from '../../core/login.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import type { ProviderCall } from '../../core/provider.ts';
import type { Secret } from '../../core/secret.ts';
import type { Meaning, Meanings } from '../../http/answer.ts';
import { advice, type JsonApi, jsonApi } from '../client/index.ts';
import { anyObject, lenient } from '../client/schemas.ts';

export type Call = ProviderCall<
  { readonly organization: string; readonly robot: string; readonly endpoint?: string | undefined },
  { readonly token: Secret }
>;

/** Quay's management API for robots. */
export const quayApi = (call: Call): JsonApi =>
  jsonApi(call, {
    vendor: 'quay-robot',
    endpoint: `${call.endpoint}/api/v1`,
    headers: { authorization: bearerAuth(call.admin.token) },
    meanings,
    meaningOf,
  });

const expired: Meaning = [
  'admin-refused',
  `Quay refuses the OAuth token, which is invalid or has expired; ${advice.replace('one')}`,
];
const meanings: Meanings = {
  400: advice.request('Quay', 'organization and robot'),
  401: expired,
  403:
    'there is no such organization, or the user of the OAuth token does not administer it, or ' +
    'the token lacks one of the scopes org:admin and repo:admin',
  404: 'a repository or team is not there, or endpoint in the params of the fleet file is no Quay',
  503: 'Quay is down, or read-only for maintenance; rekey tries again',
};

const sentence = lenient(z.string());
const Refusal = z.object({ error: sentence, message: sentence });

/** Quay takes a write with an invalid token for a browser's, and misses a CSRF token. */
function meaningOf({ status, body }: HttpAnswer): Meaning | undefined {
  if (status !== 403) return undefined;
  const { error = '', message = '' } = Refusal.safeParse(parseJson(body)).data ?? {};
  return /\bCSRF\b/.test(`${error} ${message}`) ? expired : undefined;
}

/**
 * Quay says 400 of what it does not find, and of much else. Said of one robot by its name, it means
 * that there is none; a proxy's 400 is no JSON.
 */
export const missing = ({ status, body }: HttpAnswer): boolean =>
  status === 400 && anyObject.safeParse(parseJson(body)).success;
