import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { FoundCredential, ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { type Meanings, parsed } from '../http/answer.ts';
import {
  anyObject,
  defineProvider,
  headerSecret,
  LIST_BYTES,
  pathOf,
  type Question,
  secretText,
  send,
  vendorId,
  vendorTime,
} from './common.ts';

const Scope = z.strictObject({
  type: z
    .enum(['repository', 'registry'])
    .describe('repository: its content; registry: the list of repositories.'),
  name: z
    .string('a repository, or *')
    .min(1, 'a repository, or *')
    .describe('A repository, or * for all.'),
  actions: z.array(z.enum(['pull', 'push', 'delete'])).min(1, 'at least one action'),
});
const Params = z.strictObject({
  registryId: z.guid('the id of a registry, a UUID').describe('Id of the container registry.'),
  scopes: z
    .array(Scope, 'a list of scopes')
    .min(1, 'at least one scope')
    .describe('What the tokens may do.'),
  contractNumber: z
    .string('a contract number, in quotes')
    .regex(/^\d{1,20}$/, 'a contract number: digits only')
    .optional()
    .describe('For an admin user with several contracts: the one that the registry belongs to.'),
});
const username = z.string().regex(/^[^:\p{Cc}]+$/u, 'a user name without a colon');
const Admin = z.union([
  z.strictObject({ token: headerSecret }),
  z.strictObject({ username, password: secretText }),
]);
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const Registry = z.object({
  metadata: z.object({ state: z.string().nullish() }).nullish(),
  properties: z.object({ hostname: z.string().nullish() }).nullish(),
});
const Login = z.object({ username: z.string().min(1), password: z.string().min(1) });
const Created = z.object({
  id: vendorId,
  properties: z
    .object({ credentials: Login.optional(), expiryDate: z.string().nullish().catch(undefined) })
    .optional()
    .catch(undefined),
});
const Token = z.object({
  id: vendorId,
  metadata: z.object({ createdDate: vendorTime }).nullish(),
  properties: z.object({ name: z.string(), status: z.string().nullish() }).nullish(),
});
const Page = z.object({ items: z.array(Token).nullish(), total: z.number().int().min(0) });

/**
 * Tokens of an IONOS Cloud container registry. A token's name is its username, and is taken as long
 * as the token lives. Source: the API document (github.com/ionos-cloud/sdk-go-bundle @4182521,
 * products/containerregistry) and docs.ionos.com.
 */
export const ionos = defineProvider({
  name: 'ionos',
  capabilities: {
    list: true,
    disable: true,
    expiry: true,
    liveAtOnce: Infinity,
    username: 'label',
    readAgain: false,
  },
  params: Params,
  admin: Admin,
  endpoint: 'https://api.ionos.com/containerregistries',
  // seen: <registry>.cr.<region>.ionos.com; and the API's own host. Not the rest of ionos.com,
  // where customers are
  realms: ['.cr.ionos.com', '.cr.*.ionos.com', 'api.ionos.com'],
  actions: ({ scopes }) =>
    scopes.filter(({ type }) => type === 'repository').flatMap(({ actions }) => actions),
  // a contract number only says on whose behalf the admin asks
  place: ({ registryId }) => [registryId.toLowerCase()],

  async check(call) {
    await readyHost(call);
    await tokens(call).next();
  },

  async issue(call, { label, expiresAt }) {
    const registry = await readyHost(call);
    const doing = 'ionos: create the token';
    const wanted = {
      name: label,
      scopes: call.params.scopes,
      status: 'enabled',
      expiryDate: expiresAt?.toISOString() ?? null,
    };
    const answer = await ask(doing, call, {
      method: 'POST',
      path: '/tokens',
      body: { properties: wanted },
      idempotent: false,
    });
    const { id, properties } = parsed(doing, answer, Created, meanings);
    if (!properties?.credentials) {
      // nobody can ever use it; what this fails to delete is found by its label
      await ionos.revoke(call, { id }).catch(() => {});
      throw new RekeyError(
        'bad-answer',
        `${doing}: status ${answer.status} without a user name and password`,
      );
    }
    const { username, password } = properties.credentials;
    return {
      id,
      username,
      password: new Secret(password),
      registry,
      expiresAt: granted(properties.expiryDate, expiresAt),
    };
  },

  async find(call, prefix) {
    const found = new Map<string, FoundCredential>();
    for await (const { id, properties, metadata } of tokens(call)) {
      if (!properties?.name.startsWith(prefix) || properties.status === 'disabled') continue;
      found.set(id, { id, label: properties.name, issuedAt: metadata?.createdDate });
    }
    return [...found.values()];
  },

  async revoke(call, { id }) {
    const doing = 'ionos: delete the token';
    const answer = await ask(doing, call, {
      method: 'DELETE',
      path: `/tokens${pathOf(doing, id)}`,
      idempotent: true,
    });
    if (answer.status === 204 || answer.status === 404) return;
    parsed(doing, answer, anyObject, meanings);
  },

  async enable(call, { id }, enabled) {
    const doing = `ionos: ${enabled ? 'enable' : 'disable'} the token`;
    const body = { status: enabled ? 'enabled' : 'disabled' };
    const answer = await ask(doing, call, {
      method: 'PATCH',
      path: `/tokens${pathOf(doing, id)}`,
      body,
      idempotent: true,
    });
    if (answer.status === 404 && !enabled) return;
    parsed(doing, answer, anyObject, {
      ...meanings,
      404: ['not-found', 'the token is gone for good; rotate instead'],
    });
  },
});

const meanings: Meanings = {
  400: [
    'rejected',
    'IONOS does not take the request; check registryId and scopes in the params of the fleet file',
  ],
  401: [
    'admin-refused',
    'IONOS refuses the admin credential; put a valid token, or username and password, into the admin secret',
  ],
  403: [
    'forbidden',
    'the user of the admin secret needs the right accessAndManageRegistries; or contractNumber in the params is wrong',
  ],
  404: [
    'not-found',
    'this user sees no such registry; check registryId and contractNumber in the params of the fleet file',
  ],
  409: [
    'conflict',
    'the name is taken, perhaps by a token that was deleted a moment ago; the next attempt takes another one',
  ],
  429: [
    'throttled',
    'too many calls for the user of the admin secret; rekey waits and tries again',
  ],
};

function ask(doing: string, call: Call, question: Question) {
  const { admin, params } = call;
  const headers: Record<string, string> = {
    authorization: 'token' in admin ? `Bearer ${admin.token.reveal()}` : basic(admin),
  };
  if (params.contractNumber) headers['x-contract-number'] = params.contractNumber;
  const path = `/registries/${params.registryId}${question.path}`;
  return send(doing, call, { ...question, path, headers });
}

const basic = ({
  username,
  password,
}: {
  readonly username: string;
  readonly password: Secret;
}): string => `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;

/** The registry's host; empty in the answer until the registry runs. */
async function readyHost(call: Call): Promise<string> {
  const doing = 'ionos: read the registry';
  const answer = await ask(doing, call, { method: 'GET', path: '', idempotent: true });
  const { metadata, properties } = parsed(doing, answer, Registry, meanings);
  const running = (metadata?.state ?? 'running').toLowerCase() === 'running';
  const host = properties?.hostname;
  if (!running || !host) {
    throw new RekeyError(
      'provider-failed',
      `${doing}: it is not running yet or has no host name; wait until IONOS shows it as running`,
    );
  }
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(host))
    throw new RekeyError('bad-answer', `${doing}: its host name is not one`);
  return host;
}

/** Pages that are read before a list is taken to be endless. */
const MAX_PAGES = 500;

/**
 * All tokens of the registry, page by page. A token that others' deletions move between two pages
 * may come twice.
 */
async function* tokens(call: Call): AsyncGenerator<z.output<typeof Token>> {
  const doing = 'ionos: list the tokens';
  const seen = new Set<string>();
  for (let page = 0, offset = 0; page < MAX_PAGES; page++) {
    const answer = await ask(doing, call, {
      method: 'GET',
      path: `/tokens?offset=${offset}&limit=100`,
      idempotent: true,
      maxBytes: LIST_BYTES,
    });
    const { items, total } = parsed(doing, answer, Page, meanings);
    const before = seen.size;
    for (const token of items ?? []) {
      seen.add(token.id);
      yield token;
    }
    offset += items?.length ?? 0;
    if (offset >= total) return;
    if (seen.size === before) break;
  }
  throw new RekeyError('bad-answer', `${doing}: the pages do not come to an end`);
}

/** When IONOS says it lets the token expire; what was asked for if it says nothing. */
function granted(answered: string | null | undefined, asked: Date | undefined): Date | undefined {
  if (answered === undefined) return asked;
  const date = new Date(answered ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
