import * as z from 'zod';
import { claimsOf, parseJson } from '../core/json.ts';
import { Secret } from '../core/secret.ts';

/**
 * A token server's answer: `token`, or `access_token` as in OAuth 2
 * (https://distribution.github.io/distribution/spec/auth/token/).
 */
const Answer = z.object({ token: z.string().nullish(), access_token: z.string().nullish() });

/** The claim with a token's rights (https://distribution.github.io/distribution/spec/auth/jwt/). */
const Claims = z.object({
  access: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      actions: z.array(z.string()).nullable().default([]),
    }),
  ),
});

/** An error answer (https://distribution.github.io/distribution/spec/api/#errors). */
const Errors = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

/** The token in a token server's answer; undefined if there is none that fits into a header. */
export function readToken(body: string): Secret | undefined {
  const answer = Answer.safeParse(parseJson(body)).data;
  // some servers send both, one of them empty
  const token = answer?.token || answer?.access_token;
  // the token goes into a header, so it must be a b64token (RFC 6750, 2.1)
  return token && /^[\w\-.~+/]+=*$/.test(token) ? new Secret(token) : undefined;
}

/**
 * The actions that the token's `access` claim does not grant; undefined if it has no readable
 * claim. The signature is not verified: the token came from a trusted realm, and the registry
 * verifies it.
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

/** The codes of a registry's error answer; empty if the body is not one. */
export function errorCodes(body: string): readonly string[] {
  return Errors.safeParse(parseJson(body)).data?.errors.map(({ code }) => code) ?? [];
}
