import * as z from 'zod';
import { basicAuth, bearerAuth } from '../core/login.ts';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, jsonApi, select, takeBack, whenUnknown } from './client/index.ts';
import {
  lenient,
  listOf,
  passwordAdmin,
  registryHost,
  text,
  tokenAdmin,
  vendorId,
  vendorTime,
} from './client/schemas.ts';

const Scope = z.strictObject({
  type: z
    .enum(['repository', 'registry'])
    .describe('repository: its content; registry: the list of repositories.'),
  name: z
    .string('a repository, or *')
    .min(1, 'a repository, or *')
    .describe('A repository, or * for all.'),
  actions: listOf('action', z.enum(['pull', 'push', 'delete'])),
});
const Params = z.strictObject({
  registryId: z.guid('the id of a registry, a UUID').describe('Id of the container registry.'),
  scopes: listOf('scope', Scope).meta({
    description: 'What the tokens may do.',
    examples: [[{ type: 'repository', name: '*', actions: ['pull'] }]],
  }),
  contractNumber: z
    .string('a contract number, in quotes')
    .regex(/^\d{1,20}$/, 'a contract number: digits only')
    .optional()
    .describe('For an admin user with several contracts: the one that the registry belongs to.'),
});
const Admin = z.union([tokenAdmin, passwordAdmin]);
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const Registry = z.object({
  metadata: z.object({ state: z.string().nullish() }).nullish(),
  // empty until the registry runs
  properties: z.object({ hostname: registryHost.or(z.literal('')).nullish() }).nullish(),
});
const Pair = z.object({ username: text, password: text });
const Created = z.object({
  id: vendorId,
  properties: lenient(
    z.object({ credentials: Pair.optional(), expiryDate: z.string().nullish().catch(undefined) }),
  ),
});
const Token = z.object({
  id: vendorId,
  metadata: z.object({ createdDate: vendorTime }).nullish(),
  properties: z.object({ name: z.string(), status: z.string().nullish() }).nullish(),
});
const Page = z
  .object({ items: z.array(Token).nullish(), total: z.int().min(0) })
  .transform(({ items, total }) => ({ items: items ?? [], total }));

/**
 * Tokens of an IONOS Cloud container registry. A token's name is its username, and stays taken as
 * long as the token lives. Source: the API document (github.com/ionos-cloud/sdk-go-bundle @4182521,
 * products/containerregistry) and docs.ionos.com.
 */
export const ionos = defineProvider({
  name: 'ionos',
  capabilities: { expiry: true },
  params: Params,
  admin: Admin,
  endpoint: 'https://api.ionos.com/containerregistries',
  // in public use: <registry>.cr.<region>.ionos.com; and the API's own host. The rest of ionos.com
  // is left out: customers have hosts there
  realms: ['.cr.ionos.com', '.cr.*.ionos.com', 'api.ionos.com'],
  actions: ({ scopes }) =>
    scopes.filter(({ type }) => type === 'repository').flatMap(({ actions }) => actions),
  // a contract number only says on whose behalf the admin acts
  place: ({ registryId }) => [registryId.toLowerCase()],

  async check(call) {
    await readyHost(call);
    await tokens(call).next();
  },

  async issue(call, { label, expiresAt }) {
    const registry = await readyHost(call);
    const expiryDate = expiresAt?.toISOString() ?? null;
    const wanted = { name: label, scopes: call.params.scopes, status: 'enabled', expiryDate };
    const answer = await api(call).post('create the token', '/tokens', { properties: wanted });
    const { id, properties } = answer.read(Created);
    const pair = properties?.credentials;
    if (!pair) throw await takeBack(ionos, call, id, answer.lacks('username and password'));
    const password = new Secret(pair.password);
    const end = granted(properties.expiryDate, expiresAt);
    return { id, registry, username: pair.username, password, expiresAt: end };
  },

  find: (call, filter) =>
    select(filter, tokens(call), ({ id, properties, metadata }) => {
      if (!properties || properties.status === 'disabled') return undefined;
      return { id, label: properties.name, issuedAt: metadata?.createdDate };
    }),

  // undocumented for a token: 404 may also mean that the admin no longer sees the registry
  revoke: (call, { id }) =>
    api(call).delete('delete the token', '/tokens', { id, gone: [404], goneIf: () => seen(call) }),

  enable(call, { id }, enabled) {
    const word = enabled ? 'enable' : 'disable';
    const body = { status: `${word}d` };
    const unknown = { ...whenUnknown(enabled), goneIf: () => seen(call) };
    return api(call).patch(`${word} the token`, '/tokens', body, { id, ...unknown });
  },
});

const meanings: Meanings = {
  400: advice.request('IONOS', 'registryId and scopes'),
  401: advice.admin('IONOS', 'admin credential', 'token, or username and password,'),
  403:
    'the user of the admin secret needs the right accessAndManageRegistries; or contractNumber ' +
    'in the params is wrong',
  404: `this user sees no such registry; ${advice.check('registryId and contractNumber')}`,
  409: 'the name is taken, perhaps by a token just deleted; the next attempt takes another one',
};

function api(call: Call) {
  const { admin, endpoint, params } = call;
  return jsonApi(call, {
    vendor: 'ionos',
    endpoint: `${endpoint}/registries/${params.registryId}`,
    meanings,
    headers: {
      authorization: 'token' in admin ? bearerAuth(admin.token) : basicAuth(admin),
      ...(params.contractNumber && { 'x-contract-number': params.contractNumber }),
    },
  });
}

/** The registry. Throws unless the admin may read it. */
const seen = (call: Call) => api(call).get('read the registry', '', Registry);

/** The registry's host. */
async function readyHost(call: Call): Promise<string> {
  const { metadata, properties } = await seen(call);
  const running = (metadata?.state ?? 'running').toLowerCase() === 'running';
  if (running && properties?.hostname) return properties.hostname;
  throw api(call).error(
    'provider-failed',
    'read the registry',
    'it is not running yet or has no host name; wait until IONOS shows it as running',
  );
}

/** All tokens of the registry, page by page. */
const tokens = (call: Call) =>
  api(call).pages('list the tokens', ({ offset }) => `/tokens?offset=${offset}&limit=100`, Page);

/** The expiry in IONOS's answer; the requested one if the answer has none. */
function granted(answered: string | null | undefined, wanted: Date | undefined): Date | undefined {
  if (answered === undefined) return wanted;
  const date = new Date(answered ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
