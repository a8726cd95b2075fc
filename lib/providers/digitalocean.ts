import { createHash } from 'node:crypto';
import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { HttpAnswer } from '../core/ports.ts';
import type { Credential, ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { plus, SECOND } from '../core/time.ts';
import { failure, type Meanings, parsed, succeeded } from '../http/answer.ts';
import { defineProvider, headerSecret, send } from './common.ts';

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
const Admin = z.strictObject({ token: headerSecret });
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;
type Login = Pick<Credential, 'registry' | 'username' | 'password'>;

const Registry = z.object({ registry: z.object({ name: z.string() }) });
/** The hosts are looked at by hand: as keys of a schema they would stand in its errors. */
const DockerConfig = z.object({ auths: z.record(z.string(), z.unknown()) });
const Auth = z.object({ auth: z.string() });

const REGISTRY = 'registry.digitalocean.com';
const REVOCATION = 'https://cloud.digitalocean.com';

/**
 * Docker credentials of a DigitalOcean container registry: API tokens that nobody can list, end by
 * their own hand, and always get an expiry. Source: github.com/digitalocean/openapi @7c1300c; the
 * revocation as in doctl @168188d do/registry.go.
 */
export const digitalocean = defineProvider({
  name: 'digitalocean',
  capabilities: {
    list: false,
    disable: false,
    expiry: true,
    liveAtOnce: Infinity,
    username: 'provider',
    readAgain: false,
  },
  params: Params,
  admin: Admin,
  endpoint: 'https://api.digitalocean.com',
  realms: ['api.digitalocean.com'],
  actions: ({ readWrite }) => (readWrite ? ['pull', 'push', 'delete', '*'] : ['pull']),
  // a token belongs to the account and revokes itself, whichever registry it was issued for
  place: () => [],

  async check(call) {
    const doing = 'digitalocean: read the registry';
    const answer = await ask(doing, call, {
      path: pathOf(call),
      bearer: call.admin.token,
      idempotent: true,
    });
    const { name } = parsed(doing, answer, Registry, meanings).registry;
    if (name !== call.params.registry)
      throw new RekeyError(
        'not-found',
        `${doing}: it has another name; check registry in the params of the fleet file`,
      );
  },

  async issue(call, { expiresAt }) {
    const doing = 'digitalocean: issue the credential';
    const now = call.now();
    const seconds = expiresAt ? Math.floor((expiresAt.getTime() - now.getTime()) / SECOND) : 0;
    // 0 stands for never, and what never expires and cannot be listed is alive for ever if a crash
    // loses it
    if (!(seconds >= 1))
      throw new RekeyError(
        'rejected',
        `${doing}: it must be given an expiry that is still to come`,
      );
    const path = `${pathOf(call)}/docker-credentials?expiry_seconds=${seconds}&read_write=${call.params.readWrite}`;
    // every GET makes another token, so it is tried once, like any create
    const answer = await ask(doing, call, { path, bearer: call.admin.token, idempotent: false });
    const login = loginOf(parsed(doing, answer, DockerConfig, meanings).auths);
    if (!login)
      throw new RekeyError(
        'bad-answer',
        `${doing}: status ${answer.status} without a usable login for the registry`,
      );
    return { id: idOf(login.password), ...login, expiresAt: plus(now, seconds * SECOND) };
  },

  async find() {
    return [];
  },

  async revoke(call, { password }) {
    const doing = 'digitalocean: revoke the credential';
    if (!password) {
      throw new RekeyError(
        'secret-unreadable',
        `${doing}: only its own token can do it, and that cannot be read; it dies when it expires, or revoke it in the control panel`,
      );
    }
    const answer = await revocation(doing, call, password);
    const page = answer.headers['content-type']?.includes('html') ?? false;
    if (answer.status === 200 && !page) return;
    if (answer.status === 429 || answer.status >= 500)
      throw failure(doing, answer, revocationMeanings);
    // no document tells what a second revocation answers: whether the token still opens the account
    // is what counts
    if (await isDead(call, password)) return;
    if (succeeded(answer) || answer.status === 401)
      throw new RekeyError(
        'still-accepted',
        `${doing}: status ${answer.status}, and the token still opens the account`,
      );
    throw failure(doing, answer, revocationMeanings);
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
  429: [
    'throttled',
    'too many calls with the token of the admin secret; rekey waits and tries again',
  ],
};

const byHand = 'revoke it in the control panel, or let it expire';
const revocationMeanings: Meanings = {
  400: ['rejected', `DigitalOcean does not take the request; ${byHand}`],
  403: ['forbidden', `DigitalOcean does not let the token end itself; ${byHand}`],
  404: ['not-found', `the revocation is not where it was; ${byHand}`],
  429: ['throttled', 'too many calls with the token; rekey waits and tries again'],
};

const pathOf = ({ params }: Call): string =>
  params.api === 'registry' ? '/v2/registry' : `/v2/registries/${params.registry}`;

/** Names a token without telling anything of it: DigitalOcean gives it no id. */
const idOf = (token: Secret): string =>
  createHash('sha256').update(`rekey/digitalocean/${token.reveal()}`).digest('hex').slice(0, 24);

/** The one usable login, or the one for the usual host. */
function loginOf(auths: Readonly<Record<string, unknown>>): Login | undefined {
  const logins = Object.entries(auths).flatMap(([host, entry]) => readLogin(host, entry) ?? []);
  return logins.length === 1 ? logins[0] : logins.find(({ registry }) => registry === REGISTRY);
}

/**
 * The token is the last part; before it stands the account's e-mail address or, of old, the token
 * as well.
 */
function readLogin(registry: string, entry: unknown): Login | undefined {
  const { data } = Auth.safeParse(entry);
  if (!data || !/^[A-Za-z0-9.-]+(:\d+)?$/.test(registry)) return undefined;
  const pair = Buffer.from(data.auth, 'base64').toString('utf8').trim();
  const [, username, token] = /^(\P{Cc}+):([\x21-\x39\x3b-\x7e]+)$/u.exec(pair) ?? [];
  return username && token ? { registry, username, password: new Secret(token) } : undefined;
}

interface Get {
  readonly path: string;
  readonly bearer: Secret;
  readonly idempotent: boolean;
}

async function ask(
  doing: string,
  call: Call,
  { path, bearer, idempotent }: Get,
): Promise<HttpAnswer> {
  const headers = { authorization: `Bearer ${bearer.reveal()}` };
  return patient(await send(doing, call, { method: 'GET', path, headers, idempotent }), call);
}

/**
 * Done at another host than the rest, unless the endpoint is not DigitalOcean's own. A token may
 * revoke itself, nothing else.
 */
async function revocation(doing: string, call: Call, token: Secret): Promise<HttpAnswer> {
  const { endpoint, http, signal } = call;
  const url = `${endpoint === digitalocean.endpoint ? REVOCATION : endpoint}/v1/oauth/revoke`;
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token.reveal()}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const body = new URLSearchParams({ token: token.reveal() }).toString();
  try {
    return patient(
      await http.send({ method: 'POST', url, headers, body, idempotent: true, signal }),
      call,
    );
  } catch (error) {
    if (!(error instanceof RekeyError)) throw error;
    throw new RekeyError(error.code, `${doing}: ${error.message}`, { cause: error });
  }
}

/**
 * A revoked token is refused with 401; one that only lacks the right to see the account is alive.
 */
async function isDead(call: Call, token: Secret): Promise<boolean> {
  const doing = 'digitalocean: prove the revocation';
  const answer = await ask(doing, call, { path: '/v2/account', bearer: token, idempotent: true });
  if (answer.status === 401) return true;
  if (answer.status === 200 || answer.status === 403) return false;
  throw failure(doing, answer, revocationMeanings);
}

/**
 * `Retry-After` comes with a burst alone; of the hourly limit DigitalOcean tells the time at which
 * it eases.
 */
function patient(answer: HttpAnswer, { now }: Call): HttpAnswer {
  const reset = answer.headers['ratelimit-reset'] ?? '';
  if (answer.status !== 429 || answer.retryAfter !== undefined || !/^\d{1,11}$/.test(reset))
    return answer;
  return { ...answer, retryAfter: Math.max(0, Number(reset) * SECOND - now().getTime()) };
}
