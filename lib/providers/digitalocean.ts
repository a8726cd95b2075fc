import * as z from 'zod';
import { bearerAuth } from '../core/login.ts';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import type { Secret } from '../core/secret.ts';
import { plus, SECOND } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, digestId, dockerLogins, jsonApi } from './client/index.ts';
import { tokenAdmin } from './client/schemas.ts';

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
/** The host of a revocation, unless the endpoint is not DigitalOcean's own. */
const REVOCATION = 'https://cloud.digitalocean.com';

/**
 * Docker credentials of a DigitalOcean container registry: API tokens that cannot be listed, revoke
 * themselves, and always get an expiry. Source: github.com/digitalocean/openapi @7c1300c; for the
 * revocation, doctl @168188d do/registry.go.
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
    throw api(call).error('not-found', doing, `it has another name; ${advice.check('registry')}`);
  },

  async issue(call, { expiresAt }) {
    const doing = 'issue the credential';
    const now = call.now();
    const seconds = expiresAt ? Math.floor((expiresAt.getTime() - now.getTime()) / SECOND) : 0;
    // 0 means no expiry: such a token cannot be listed, so if it is lost it lives forever
    if (!(seconds >= 1)) throw api(call).error('rejected', doing, 'it needs a future expiry');
    const query = `expiry_seconds=${seconds}&read_write=${call.params.readWrite}`;
    const path = `${pathOf(call)}/docker-credentials?${query}`;
    // every GET makes another token, so it is sent once, like any create
    const answer = await api(call).send('GET', doing, path, { idempotent: false });
    const logins = answer.read(dockerLogins);
    const usual = logins.find(({ registry }) => registry === REGISTRY);
    const login = logins.length === 1 ? logins[0] : usual;
    if (!login) throw answer.lacks('usable login for the registry');
    const id = digestId(`rekey/digitalocean/${login.password.reveal()}`, 24);
    return { id, ...login, expiresAt: plus(now, seconds * SECOND) };
  },

  async revoke(call, { password }) {
    const doing = 'revoke the credential';
    if (!password) throw api(call).error('secret-unreadable', doing, unreadable);
    const host = call.endpoint === digitalocean.endpoint ? REVOCATION : call.endpoint;
    const request = { form: { token: password.reveal() }, idempotent: true };
    const answer = await api(call, password, host).send('POST', doing, '/v1/oauth/revoke', request);
    const page = answer.headers['content-type']?.includes('html') ?? false;
    if (answer.status === 200 && !page) return;
    if (answer.status === 429 || answer.status >= 500) throw answer.refusal();
    // the answer to a second revocation is not documented, so the token itself is tried
    if (await isDead(call, password)) return;
    if (answer.succeeded || answer.status === 401)
      throw answer.error('still-accepted', 'the token still opens the account');
    throw answer.refusal();
  },
});

const meanings: Meanings = {
  400: advice.request('DigitalOcean', 'registry and readWrite'),
  401: advice.admin('DigitalOcean', 'token', 'personal access token'),
  403: 'the admin token needs the scope registry:read, and registry:update if readWrite is true',
  404: `the account has no such registry; ${advice.check('registry')}`,
  412: 'the account has several registries; set api: registries in the params of the fleet file',
};

const byHand = 'revoke it in the control panel, or let it expire';
const unreadable = `only its own token can do it, and that cannot be read; ${byHand}`;
const ownMeanings: Meanings = {
  400: `DigitalOcean refuses the request; ${byHand}`,
  403: `DigitalOcean does not let the token end itself; ${byHand}`,
  404: `DigitalOcean has moved the revocation; ${byHand}`,
};

const pathOf = ({ params }: Call): string =>
  params.api === 'registry' ? '/v2/registry' : `/v2/registries/${params.registry}`;

/** The API for the admin, or for a credential's own token, which may only revoke itself. */
function api(call: Call, own?: Secret, endpoint = call.endpoint) {
  const headers = { authorization: bearerAuth(own ?? call.admin.token) };
  const all = own ? ownMeanings : meanings;
  return jsonApi(call, { vendor: 'digitalocean', endpoint, headers, meanings: all });
}

/** A revoked token gets 401. One that gets 403 is alive, but may not see the account. */
async function isDead(call: Call, token: Secret): Promise<boolean> {
  const answer = await api(call, token).send('GET', 'prove the revocation', '/v2/account');
  if ([200, 401, 403].includes(answer.status)) return answer.status === 401;
  throw answer.refusal();
}
