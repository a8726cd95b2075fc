import * as z from 'zod';
import { claimsOf } from '../core/json.ts';
import { basicAuth } from '../core/login.ts';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { HOUR, SECOND } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, digestId, jsonApi, registryOf } from './client/index.ts';
import { anyObject, headerSecret, text, username } from './client/schemas.ts';
import { endpointParam, QUAY, quayAddress } from './quay/address.ts';

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
const any = z.unknown().optional();
/** Further fields of a secret in which rekey stores a robot, so that it fits as admin secret. */
const stored = { registry: any, auth: any, dockerconfigjson: any };
const Admin = z.strictObject({ username, password: headerSecret, ...stored });
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const Claims = z.object({
  exp: z.int().positive().max(8.64e12),
  sub: text,
  access: z.array(z.object({ name: z.string(), actions: z.array(z.string()) })),
});
const Answer = z
  .object({ token: z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/) })
  .transform(({ token }) => ({ token, claims: claimsOf(token) }))
  .pipe(z.object({ token: z.string(), claims: Claims }));

/**
 * The bearer token of Quay's registry for one repository, which its guide calls an OCI referrers
 * OAuth access token. Quay does not store them, so they cannot be listed or revoked; each expires
 * an hour after it was issued. Source: github.com/quay/quay @ffba0c70
 * (endpoints/v2/v2auth.py, auth/registry_jwt_auth.py).
 */
export const quayOauthToken = defineProvider({
  name: 'quay-oauth-token',
  capabilities: { bearer: true },
  params: Params,
  admin: Admin,
  address: (params) => quayAddress(params),
  actions: ({ actions }) => actions,
  // not the repository: it is what a token opens, and Quay stores no token there
  place: ({ endpoint }) => [endpoint ?? QUAY],
  lifetime: () => HOUR,

  async check(call) {
    await fetchAll(call);
  },

  async issue(call) {
    const registry = registryOf(call);
    const { token, claims } = await fetchAll(call);
    return {
      id: digestId(token),
      username: claims.sub,
      password: new Secret(token),
      registry,
      expiresAt: new Date(claims.exp * SECOND),
      bearer: { repository: call.params.repository },
    };
  },
});

const meanings: Meanings = {
  400: advice.request('Quay', 'repository'),
  401: advice.admin('Quay', 'login', 'username and password of a robot'),
  404: `there is no registry; ${advice.check('endpoint')}`,
  405: ['forbidden', 'the namespace of the repository is disabled'],
};

const api = (call: Call) => jsonApi(call, { vendor: 'quay-oauth-token', meanings });

/** A token with all requested rights. */
async function fetchAll(call: Call) {
  const { actions } = call.params;
  const service = await serviceOf(call);
  // a request to push into a missing repository creates it, so a request to pull comes first
  if (actions.includes('push')) await fetchToken(call, service, ['pull']);
  return fetchToken(call, service, actions);
}

async function fetchToken(call: Call, service: string, actions: readonly string[]) {
  const { repository } = call.params;
  const scope = `repository:${repository}:${actions.join(',')}`;
  const path = `/v2/auth?${new URLSearchParams({ service, scope })}`;
  const request = { headers: { authorization: basicAuth(call.admin) }, idempotent: false };
  const answer = await api(call).send('GET', 'fetch the token', path, request);
  const { token, claims } = answer.read(Answer);
  // Quay leaves out the rights that the login lacks, and still answers 200
  const entries = claims.access.filter(({ name }) => name === repository);
  const denied = actions.filter((action) => !entries.some((one) => one.actions.includes(action)));
  if (denied.length === 0) return { token, claims };
  const remedy = `give it the permission, or ${advice.check('repository')}`;
  throw answer.error('lacks-rights', `the login may not ${denied.join(' and ')}; ${remedy}`);
}

/** The service in the registry's challenge: it refuses a token for another service. */
async function serviceOf(call: Call): Promise<string> {
  const answer = await api(call).send('GET', 'read the challenge', '/v2/');
  const challenge = answer.headers['www-authenticate'] ?? '';
  const [, service] = /^Bearer .*\bservice="([^"]+)"/i.exec(challenge) ?? [];
  if (answer.status === 401 && service) return service;
  if (answer.status !== 401) answer.read(anyObject);
  throw answer.lacks('challenge of a registry');
}
