import * as z from 'zod';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import type { Secret } from '../core/secret.ts';
import { plus, SECOND } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { digestId, dockerLogins, jsonApi, tokenAdmin } from './client/index.ts';

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
  // a token belongs to the account and revokes itself, whichever registry it was issued for
  place: () => [],

  async check(call) {
    const doing = 'read the registry';
    const { registry } = await api(call).get(doing, pathOf(call), Registry);
    if (registry.name === call.params.registry) return;
    const advice = 'it has another name; check registry in the params of the fleet file';
    throw api(call).error('not-found', doing, advice);
  },

  async issue(call, { expiresAt }) {
    const doing = 'issue the credential';
    const now = call.now();
    const seconds = expiresAt ? Math.floor((expiresAt.getTime() - now.getTime()) / SECOND) : 0;
    // 0 stands for never, and a lost token that never expires and cannot be listed lives forever
    if (!(seconds >= 1))
      throw api(call).error('rejected', doing, 'it must be given an expiry in the future');
    const path = `${pathOf(call)}/docker-credentials?expiry_seconds=${seconds}&read_write=${call.params.readWrite}`;
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
    if (!password) {
      throw api(call).error(
        'secret-unreadable',
        doing,
        'only its own token can do it, and that cannot be read; it dies when it expires, or revoke it in the control panel',
      );
    }
    const form = { token: password.reveal() };
    const answer = await asToken(call, password, revocationHost(call)).send(
      'POST',
      doing,
      '/v1/oauth/revoke',
      { form, idempotent: true },
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
  400: [
    'rejected',
    'DigitalOcean does not take the request; check registry and readWrite in the params of the fleet file',
  ],
  401: [
    'admin-refused',
    'DigitalOcean refuses the token; put a valid personal access token into the admin secret',
  ],
  403: [
    'forbidden',
    'the token of the admin secret needs the scope registry:read, and registry:update where readWrite is true in the params',
  ],
  404: [
    'not-found',
    'the account has no such registry; check registry in the params of the fleet file',
  ],
  412: [
    'rejected',
    'the account has several registries; set api: registries in the params of the fleet file',
  ],
};

const byHand = 'revoke it in the control panel, or let it expire';
const ownMeanings: Meanings = {
  400: ['rejected', `DigitalOcean does not take the request; ${byHand}`],
  403: ['forbidden', `DigitalOcean does not let the token end itself; ${byHand}`],
  404: ['not-found', `the revocation is not where it was; ${byHand}`],
};

const pathOf = ({ params }: Call): string =>
  params.api === 'registry' ? '/v2/registry' : `/v2/registries/${params.registry}`;

const bearer = (token: Secret) => ({ authorization: `Bearer ${token.reveal()}` });

const api = (call: Call) =>
  jsonApi(call, { vendor: 'digitalocean', headers: bearer(call.admin.token), meanings });

/** The API as a credential's own token sees it. It may revoke itself, nothing else. */
const asToken = (call: Call, token: Secret, endpoint = call.endpoint) =>
  jsonApi(call, {
    vendor: 'digitalocean',
    endpoint,
    headers: bearer(token),
    meanings: ownMeanings,
  });

/** Another host than the rest, unless the endpoint is not DigitalOcean's own. */
const revocationHost = ({ endpoint }: Call): string =>
  endpoint === digitalocean.endpoint ? REVOCATION : endpoint;

/** A revoked token gets 401; one that only may not see the account is alive. */
async function isDead(call: Call, token: Secret): Promise<boolean> {
  const answer = await asToken(call, token).send('GET', 'prove the revocation', '/v2/account');
  if (answer.status === 401) return true;
  if (answer.status === 200 || answer.status === 403) return false;
  throw answer.refusal();
}
