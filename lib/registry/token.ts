import * as z from 'zod';
import { claimsOf, parseJson } from '../core/json.ts';
import { Secret } from '../core/secret.ts';

/**
 * A token server's answer: `token`, or `access_token` as in OAuth 2
 * (https://distribution.github.io/distribution/spec/auth/token/).
 */
const Answer = z.object({ token: z.string().nullish(), access_token: z.string().nullish() });

/**
 * The claim that says what a token may do
 * (https://distribution.github.io/distribution/spec/auth/jwt/).
 */
const Claims = z.object({
  access: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      actions: z.array(z.string()).nullable().default([]),
    }),
  ),
});

/**
 * What registries answer when something is wrong
 * (https://distribution.github.io/distribution/spec/api/#errors).
 */
const Errors = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

/** The token in a token server's answer. */
export function readToken(body: string): Secret | undefined {
  const answer = Answer.safeParse(parseJson(body)).data;
  // some servers send both, one of them empty
  const token = answer?.token || answer?.access_token;
  // it goes into a header: anything beyond a b64token (RFC 6750, 2.1) is not a token
  return token && /^[\w\-.~+/]+=*$/.test(token) ? new Secret(token) : undefined;
}

/**
 * Which of these actions the token does not grant, by its `access` claim; undefined if it has none
 * to read. The signature is not looked at: the token came from the trusted realm, and the registry
 * judges it.
 */
export function missingActions(
  token: Secret,
  repository: string,
  actions: readonly string[],
): readonly string[] | undefined {
  const claims = Claims.safeParse(claimsOf(token.reveal())).data;
  if (!claims) return undefined;
  const entries = claims.access.filter(
    ({ type, name }) => /^repository(\(|$)/.test(type) && name === repository,
  );
  const granted = new Set(entries.flatMap((entry) => entry.actions ?? []));
  return granted.has('*') ? [] : actions.filter((action) => !granted.has(action));
}

/** The codes of a registry's error answer; none if it is not one. */
export function errorCodes(body: string): readonly string[] {
  return Errors.safeParse(parseJson(body)).data?.errors.map(({ code }) => code) ?? [];
}
