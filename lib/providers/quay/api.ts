import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import { bearerAuth } from '../../core/login.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import type { ProviderCall } from '../../core/provider.ts';
import type { Secret } from '../../core/secret.ts';
import type { Meaning, Meanings } from '../../http/answer.ts';
import { advice, type JsonApi, jsonApi } from '../client/index.ts';
import { anyObject, lenient } from '../client/schemas.ts';

/**
 * One call of `quay-robot`. `robot`: the short name of the robot whose rights the first issued one
 * gets. `token`: an OAuth token of Quay, from the admin secret.
 */
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
  404: 'a repository or team does not exist, or endpoint in the params is not a Quay',
  503: 'Quay is down, or read-only for maintenance; rekey tries again',
};

const sentence = lenient(z.string());
const Refusal = z.object({ error: sentence, message: sentence });

/** Quay treats a write with an invalid token as a browser's, and reports a missing CSRF token. */
function meaningOf({ status, body }: HttpAnswer): Meaning | undefined {
  if (status !== 403) return undefined;
  const { error = '', message = '' } = Refusal.safeParse(parseJson(body)).data ?? {};
  return /\bCSRF\b/.test(`${error} ${message}`) ? expired : undefined;
}

/**
 * True if a robot does not exist. Quay answers 400 for anything that it does not find, and for
 * other errors; for one robot by its name, it means the former. A proxy's 400 is not JSON.
 */
export const missing = ({ status, body }: HttpAnswer): boolean =>
  status === 400 && anyObject.safeParse(parseJson(body)).success;
