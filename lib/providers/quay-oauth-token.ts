import { createHash } from 'node:crypto';
import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { HOUR } from '../core/time.ts';
import { type Meanings, parsed } from '../http/answer.ts';
import { anyObject, defineProvider, headerSecret, type Question, send } from './common.ts';
import { endpointParam, originOf, QUAY, registryOf } from './quay/address.ts';

const repository = 'a repository with its namespace, such as acme/app';
const Params = z.strictObject({
  endpoint: endpointParam,
  repository: z
    .string(repository)
    .max(255, repository)
    .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9][a-z0-9._-]*)+$/, repository)
    .describe('The repository that the tokens are for, with its namespace.'),
  actions: z
    .array(z.enum(['pull', 'push']))
    .refine(
      (actions) => actions.includes('pull'),
      'pull, or pull and push: without pull no referrers are listed',
    )
    .default(['pull'])
    .describe('What the tokens may do.'),
});
/**
 * A robot's login. The secret in which rekey keeps that of a robot will do as it is, whence the
 * fields that are not needed.
 */
const spare = z.unknown().optional();
const Admin = z.strictObject({
  username: z.string().regex(/^[^:\p{Cc}]+$/u, 'a user name without a colon'),
  password: headerSecret,
  registry: spare,
  auth: spare,
  dockerconfigjson: spare,
});
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const Answer = z.object({ token: z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
const Claims = z.object({
  exp: z.int().positive().max(8.64e12),
  sub: z.string().min(1),
  access: z.array(z.object({ name: z.string(), actions: z.array(z.string()) })),
});

/**
 * What Quay's guide calls an OCI referrers OAuth access token: the bearer token of its registry,
 * for one repository. Quay keeps none of them, so none can be listed or revoked; each ends by
 * itself, an hour after it was issued. Source: github.com/quay/quay @ffba0c70
 * (endpoints/v2/v2auth.py, auth/registry_jwt_auth.py).
 */
export const quayOauthToken = defineProvider({
  name: 'quay-oauth-token',
  capabilities: {
    list: false,
    disable: false,
    expiry: false,
    liveAtOnce: Infinity,
    username: 'provider',
    readAgain: false,
    bearer: true,
  },
  params: Params,
  admin: Admin,
  endpoint: QUAY,
  realms: [],
  actions: ({ actions }) => actions,
  // the repository is what a token opens; Quay keeps the token nowhere
  place: ({ endpoint }) => [endpoint ?? QUAY],
  lifetime: () => HOUR,

  async check(call) {
    await fetchAll(call);
  },

  async issue(call) {
    const { token, claims } = await fetchAll(call);
    return {
      id: createHash('sha256').update(token.reveal()).digest('hex').slice(0, 32),
      username: claims.sub,
      password: token,
      registry: registryOf(call),
      expiresAt: new Date(claims.exp * 1000),
      bearer: { repository: call.params.repository },
    };
  },

  async find() {
    return [];
  },
});

const meanings: Meanings = {
  400: [
    'rejected',
    'Quay does not take the request; check repository in the params of the fleet file',
  ],
  401: [
    'admin-refused',
    'Quay refuses the login; put the username and password of a robot into the admin secret',
  ],
  404: ['not-found', 'there is no registry; check endpoint in the params of the fleet file'],
  405: ['forbidden', 'the namespace of the repository is disabled'],
};

/** A token with all rights that are wanted. */
async function fetchAll(call: Call) {
  const { actions } = call.params;
  const service = await serviceOf(call);
  // asking to push into a repository that is not there would create it, so that it can be pulled
  // from is asked first
  if (actions.includes('push')) await fetchToken(call, service, ['pull']);
  return fetchToken(call, service, actions);
}

async function fetchToken(call: Call, service: string, actions: readonly string[]) {
  const doing = 'quay-oauth-token: fetch the token';
  const { repository } = call.params;
  const query = new URLSearchParams({
    service,
    scope: `repository:${repository}:${actions.join(',')}`,
  });
  const { username, password } = call.admin;
  const authorization = `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;
  const answer = await ask(doing, call, {
    path: `/v2/auth?${query}`,
    headers: { authorization },
    idempotent: false,
  });
  const { token } = parsed(doing, answer, Answer, meanings);
  const claims = claimsOf(token);
  if (!claims)
    throw new RekeyError(
      'bad-answer',
      `${doing}: the token does not say what it opens, and until when`,
    );
  // Quay leaves out what the login may not do, and answers 200 all the same
  const granted = claims.access.flatMap((entry) =>
    entry.name === repository ? entry.actions : [],
  );
  const missing = actions.filter((action) => !granted.includes(action));
  if (missing.length === 0) return { token: new Secret(token), claims };
  throw new RekeyError(
    'lacks-rights',
    `${doing}: the login may not ${missing.join(' and ')}; give it the permission, or correct repository in the params of the fleet file`,
  );
}

/** What the token must be made for, or the registry refuses it later: the registry says it. */
async function serviceOf(call: Call): Promise<string> {
  const doing = 'quay-oauth-token: read the challenge';
  const answer = await ask(doing, call, { path: '/v2/', idempotent: true });
  const [, service] =
    /^Bearer .*\bservice="([^"]+)"/i.exec(answer.headers['www-authenticate'] ?? '') ?? [];
  if (answer.status === 401 && service) return service;
  if (answer.status !== 401) parsed(doing, answer, anyObject, meanings);
  throw new RekeyError(
    'bad-answer',
    `${doing}: status ${answer.status} without the challenge of a registry`,
  );
}

const ask = (doing: string, call: Call, question: Omit<Question, 'method'>) =>
  send(doing, { ...call, endpoint: originOf(call) }, { method: 'GET', ...question });

/** The claims of a token. Its signature is the registry's to judge. */
function claimsOf(token: string): z.output<typeof Claims> | undefined {
  try {
    return Claims.safeParse(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
    ).data;
  } catch {
    return undefined;
  }
}
