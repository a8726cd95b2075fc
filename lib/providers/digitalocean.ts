import * as z from 'zod';
import { bearerAuth } from '../core/login.ts';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import type { Secret } from '../core/secret.ts';
import { plus, SECOND } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import {
  checkParams,
  digestId,
  dockerLogins,
  jsonApi,
  replaceAdmin,
  tokenAdmin,
} from './client/index.ts';

const Params = z.strictObject({
  registry: z
    .string('the name of a registry')
    .regex(/^[a-z0-9-]{1,63}$/, 'the name of a registry: 1 to 63 of a-z, 0-9 and -')
    .describe('Name of the container registry.'),
  readWrite: z
    .boolean('true or false')
    .default(false)
    .describe('Whether the credentials may push and delete, too.'),
  api: z
    .enum(['registries', 'registry'])
    .default('registries')
    .describe('registry: the deprecated API for accounts with a single registry.'),
});
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof tokenAdmin>>;

const Registry = z.object({ registry: z.object({ name: z.string() }) });

const REGISTRY = 'registry.digitalocean.com';
/** The one call that is made elsewhere, unless the endpoint is not DigitalOcean's own. */
const REVOCATION = 'https://cloud.digitalocean.com';

/**
 * Docker credentials of a DigitalOcean container registry: API tokens that no one can list, that
 * revoke themselves, and that always get an expiry. Source: github.com/digitalocean/openapi
 * @7c1300c; the revocation as in doctl @168188d do/registry.go.
 */
export const digitalocean = defineProvider({
  name: 'digitalocean',
  capabilities: { expiry: true },
  params: Params,
  admin: tokenAdmin,
  endpoint: 'https://api.digitalocean.com',
  realms: ['api.digitalocean.com'],
  actions: ({ readWrite }) => (readWrite ? ['pull', 'push', 'delete', '*'] : ['pull']),
  // a token belongs to the account, not to a registry, and revokes itself
  place: () => [],

  async check(call) {
    const doing = 'read the registry';
    const { registry } = await api(call).get(doing, pathOf(call), Registry);
    if (registry.name === call.params.registry) return;
    throw api(call).error('not-found', doing, `it has another name; ${checkParams('registry')}`);
  },

  async issue(call, { expiresAt }) {
    const doing = 'issue the credential';
    const now = call.now();
    const seconds = expiresAt ? Math.floor((expiresAt.getTime() - now.getTime()) / SECOND) : 0;
    // 0 stands for never, and a lost token that never expires and cannot be listed lives forever
    if (!(seconds >= 1))
      throw api(call).error('rejected', doing, 'it must be given an expiry in the future');
    const query = `expiry_seconds=${seconds}&read_write=${call.params.readWrite}`;
    const path = `${pathOf(call)}/docker-credentials?${query}`;
    // every GET makes another token, so it is tried once, like any create
    const answer = await api(call).send('GET', doing, path, { idempotent: false });
    const logins = answer.read(dockerLogins);
    const usual = logins.find(({ registry }) => registry === REGISTRY);
    const login = logins.length === 1 ? logins[0] : usual;
    if (!login) throw answer.error('bad-answer', 'it holds no usable login for the registry');
    const id = digestId(`rekey/digitalocean/${login.password.reveal()}`, 24);
    return { id, ...login, expiresAt: plus(now, seconds * SECOND) };
  },

  async revoke(call, { password }) {
    const doing = 'revoke the credential';
    if (!password) throw api(call).error('secret-unreadable', doing, unreadable);
    const host = call.endpoint === digitalocean.endpoint ? REVOCATION : call.endpoint;
    const request = { form: { token: password.reveal() }, idempotent: true };
    const answer = await asToken(call, password, host).send(
      'POST',
      doing,
      '/v1/oauth/revoke',
      request,
    );
    const page = answer.headers['content-type']?.includes('html') ?? false;
    if (answer.status === 200 && !page) return;
    if (answer.status === 429 || answer.status >= 500) throw answer.refusal();
    // no document says what a second revocation answers: what counts is whether the token still
    // opens the account
    if (await isDead(call, password)) return;
    if (answer.succeeded || answer.status === 401)
      throw answer.error('still-accepted', 'the token still opens the account');
    throw answer.refusal();
  },
});

const meanings: Meanings = {
  400: `DigitalOcean refuses the request; ${checkParams('registry and readWrite')}`,
  401: `DigitalOcean refuses the token; ${replaceAdmin('personal access token')}`,
  403:
    'the token of the admin secret needs the scope registry:read, and registry:update where ' +
    'readWrite is true in the params',
  404: `the account has no such registry; ${checkParams('registry')}`,
  412: 'the account has several registries; set api: registries in the params of the fleet file',
};

const byHand = 'revoke it in the control panel, or let it expire';
const unreadable = `only its own token can do it, and that cannot be read; ${byHand}`;
const ownMeanings: Meanings = {
  400: `DigitalOcean refuses the request; ${byHand}`,
  403: `DigitalOcean does not let the token end itself; ${byHand}`,
  404: `the revocation is not where it was; ${byHand}`,
};

const pathOf = ({ params }: Call): string =>
  params.api === 'registry' ? '/v2/registry' : `/v2/registries/${params.registry}`;

function api(call: Call) {
  const headers = { authorization: bearerAuth(call.admin.token) };
  return jsonApi(call, { vendor: 'digitalocean', headers, meanings });
}

/** The API as a credential's own token sees it. It may revoke itself, nothing else. */
function asToken(call: Call, token: Secret, endpoint = call.endpoint) {
  const headers = { authorization: bearerAuth(token) };
  return jsonApi(call, { vendor: 'digitalocean', endpoint, headers, meanings: ownMeanings });
}

/** A revoked token gets 401; one that only may not see the account is alive. */
async function isDead(call: Call, token: Secret): Promise<boolean> {
  const answer = await asToken(call, token).send('GET', 'prove the revocation', '/v2/account');
  if (answer.status === 401) return true;
  if (answer.status === 200 || answer.status === 403) return false;
  throw answer.refusal();
}
