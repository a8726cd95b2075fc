import * as z from 'zod';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, jsonApi, select, takeBack } from './client/index.ts';
import {
  headerSecret,
  lenient,
  listOf,
  text,
  tokenAdmin,
  vendorId,
  vendorTime,
} from './client/schemas.ts';

// the simulation has its own list: a shared one would be tested against itself
const scopes = [
  'self-hosted:products',
  'self-hosted:product:api',
  'self-hosted:product:engine',
  'self-hosted:product:license-proxy',
  'self-hosted:product:dgtools',
  'self-hosted:product:billing',
  'self-hosted:product:hotpepper',
  'self-hosted:product:metrics-server',
] as const;
const Params = z.strictObject({
  projectId: z.guid('the id of a project, a UUID').describe('Id of the Deepgram project.'),
  scopes: listOf('scope', z.enum(scopes))
    .default(['self-hosted:product:api', 'self-hosted:product:engine'])
    .describe('Which images may be pulled.'),
});
const Admin = z.union([
  z.strictObject({ apiKey: headerSecret }),
  tokenAdmin.transform(({ token }) => ({ apiKey: token })),
]);
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const Shown = z.object({
  distribution_credentials_id: lenient(vendorId),
  username: lenient(text),
  secret: lenient(text),
  scopes: lenient(z.array(z.string())),
});
/** Bare, as in the tests of Deepgram's Rust SDK, or wrapped, as in its API document. */
const Created = Shown.extend({ distribution_credentials: lenient(Shown) }).transform(
  ({ distribution_credentials: wrapped, ...bare }) => ({
    id: bare.distribution_credentials_id ?? wrapped?.distribution_credentials_id,
    username: bare.username ?? wrapped?.username,
    secret: bare.secret ?? wrapped?.secret,
    scopes: bare.scopes ?? wrapped?.scopes ?? [],
  }),
);
const Listed = z.object({
  distribution_credentials_id: vendorId,
  comment: z.string().nullish(),
  created: vendorTime,
});
const List = z
  .object({
    distribution_credentials: z.array(z.object({ distribution_credentials: Listed })).nullable(),
  })
  .transform(({ distribution_credentials: all }) =>
    (all ?? []).map(({ distribution_credentials: one }) => ({
      id: one.distribution_credentials_id,
      label: one.comment ?? '',
      issuedAt: one.created,
    })),
  );

/**
 * Deepgram's self-hosted distribution credentials: logins at quay.io that pull Deepgram's images.
 * The label is their comment. Source: github.com/deepgram/deepgram-rust-sdk
 * src/manage/self_hosted.rs; the API document shows another answer to `create`.
 */
export const deepgram = defineProvider({
  name: 'deepgram',
  params: Params,
  admin: Admin,
  endpoint: 'https://api.deepgram.com',
  registry: 'quay.io',
  realms: [],
  actions: () => ['pull'],
  place: ({ projectId }) => [projectId.toLowerCase()],

  async check(call) {
    await list(call);
  },

  async issue(call, { label }) {
    const wanted = { provider: 'quay', comment: label, scopes: call.params.scopes };
    const answer = await api(call).post('create the credential', '', wanted);
    const { id, username, secret, scopes } = answer.read(Created);
    const broader = exceeds(scopes, call.params.scopes);
    if (id && username && secret && !broader) {
      return { id, username, password: new Secret(secret), registry: call.registry ?? 'quay.io' };
    }
    const error = broader ? answer.error('rejected', tooBroad) : answer.lacks('id and login');
    throw id ? await takeBack(deepgram, call, id, error) : error;
  },

  find: async (call, filter) => select(filter, await list(call), (found) => found),

  async revoke(call, { id }) {
    const answer = await api(call).send('DELETE', 'delete the credential', '', { id });
    // Deepgram documents only 400 for this call, so it may mean an unknown id
    if (answer.status === 400 && !(await list(call)).some((found) => found.id === id)) return;
    answer.confirm({ gone: [404] });
  },
});

/** True if more was granted than requested. `self-hosted:products` covers all scopes. */
const exceeds = (granted: readonly string[], wanted: readonly string[]): boolean =>
  !wanted.includes('self-hosted:products') && granted.some((scope) => !wanted.includes(scope));

const tooBroad =
  'Deepgram granted more scopes than requested, so the credential was deleted; contact Deepgram, ' +
  'or, if all products may be pulled, set the scopes in the params to self-hosted:products';

const meanings: Meanings = {
  400:
    `${advice.request('Deepgram', 'projectId and scopes')}, and that Deepgram has enabled the ` +
    'project for self-hosted products',
  401: advice.admin('Deepgram', 'API key'),
  403:
    'the API key in the admin secret is for another project or lacks the scope keys:write; give ' +
    `it the role owner or admin, and ${advice.check('projectId')}`,
  404: advice.missing('project', 'projectId'),
};

const CREDENTIALS = '/self-hosted/distribution/credentials';

const api = (call: Call) =>
  jsonApi(call, {
    vendor: 'deepgram',
    endpoint: `${call.endpoint}/v1/projects/${call.params.projectId}${CREDENTIALS}`,
    headers: { authorization: `Token ${call.admin.apiKey.reveal()}` },
    meanings,
  });

/** Every credential that the API key may see: those of the project, or of its own account. */
const list = (call: Call) => api(call).list('list the credentials', '', List);
