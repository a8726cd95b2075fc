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
  send,
  vendorId,
  vendorTime,
} from './common.ts';

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
  scopes: z
    .array(z.enum(scopes), 'a list of scopes')
    .min(1, 'at least one scope')
    .default(['self-hosted:product:api', 'self-hosted:product:engine'])
    .describe('Which images may be pulled.'),
});
const Admin = z.union([
  z.strictObject({ apiKey: headerSecret }),
  z.strictObject({ token: headerSecret }).transform(({ token }) => ({ apiKey: token })),
]);
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const text = z.string().min(1).optional().catch(undefined);
const Login = z.object({
  distribution_credentials_id: vendorId.optional().catch(undefined),
  username: text,
  secret: text,
  scopes: z.array(z.string()).nullish().catch(undefined),
});
/** Bare, as Deepgram's Rust SDK tests it, or wrapped, as Deepgram's API document draws it. */
const Created = Login.extend({ distribution_credentials: Login.optional().catch(undefined) });
const Entry = z.object({
  distribution_credentials: z.object({
    distribution_credentials_id: vendorId,
    comment: z.string().nullish(),
    created: vendorTime,
  }),
});
const List = z.object({ distribution_credentials: z.array(Entry).nullable() });

/**
 * Deepgram's self-hosted distribution credentials: logins at quay.io that pull Deepgram's images.
 * The label is their comment. Source: github.com/deepgram/deepgram-rust-sdk
 * src/manage/self_hosted.rs; the API document draws `create` differently.
 */
export const deepgram = defineProvider({
  name: 'deepgram',
  capabilities: {
    list: true,
    disable: false,
    expiry: false,
    liveAtOnce: Infinity,
    username: 'provider',
    readAgain: false,
  },
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
    const doing = 'deepgram: create the credential';
    const body = { provider: 'quay', comment: label, scopes: call.params.scopes };
    const answer = await ask(doing, call, { method: 'POST', path: '', body, idempotent: false });
    const bare = parsed(doing, answer, Created, meanings);
    const wrapped = bare.distribution_credentials;
    const id = bare.distribution_credentials_id ?? wrapped?.distribution_credentials_id;
    const username = bare.username ?? wrapped?.username;
    const secret = bare.secret ?? wrapped?.secret;
    const broader = exceeds(bare.scopes ?? wrapped?.scopes ?? [], call.params.scopes);
    if (id && username && secret && !broader) {
      return { id, username, password: new Secret(secret), registry: call.registry ?? 'quay.io' };
    }
    // nobody can ever use it; what this fails to delete is found by its comment
    if (id) await deepgram.revoke(call, { id }).catch(() => {});
    if (broader) {
      throw new RekeyError(
        'rejected',
        `${doing}: Deepgram granted more scopes than were asked for, so the credential was deleted again; ask Deepgram, or name self-hosted:products as the scopes in the params of the fleet file if all products may be pulled`,
      );
    }
    throw new RekeyError(
      'bad-answer',
      `${doing}: status ${answer.status} without an id, a username and a secret`,
    );
  },

  async find(call, prefix) {
    const all = await list(call);
    return all.filter(({ label }) => label.startsWith(prefix));
  },

  async revoke(call, { id }) {
    const doing = 'deepgram: delete the credential';
    const answer = await ask(doing, call, {
      method: 'DELETE',
      path: pathOf(doing, id),
      idempotent: true,
    });
    if (answer.status === 404) return;
    // Deepgram documents 400 alone for this call, so it may stand for an unknown id
    if (answer.status === 400 && !(await list(call)).some((found) => found.id === id)) return;
    parsed(doing, answer, anyObject, meanings);
  },
});

/** True if more was granted than was asked for; `self-hosted:products` is all there is. */
const exceeds = (granted: readonly string[], asked: readonly string[]): boolean =>
  !asked.includes('self-hosted:products') && granted.some((scope) => !asked.includes(scope));

const meanings: Meanings = {
  400: [
    'rejected',
    'Deepgram does not take the request; check projectId and scopes in the params of the fleet file, and that Deepgram has enabled the project for self-hosted products',
  ],
  401: ['admin-refused', 'Deepgram refuses the API key; put a valid one into the admin secret'],
  403: [
    'forbidden',
    'the API key in the admin secret is not valid for this project or lacks the scope keys:write; give it the role owner or admin, and check projectId in the params of the fleet file',
  ],
  404: ['not-found', 'there is no such project; check projectId in the params of the fleet file'],
  409: [
    'conflict',
    'Deepgram says that the credential exists; the next attempt takes another comment',
  ],
  429: [
    'throttled',
    'too many calls with the API key of the admin secret; rekey waits and tries again',
  ],
};

function ask(doing: string, call: Call, question: Question) {
  const path = `/v1/projects/${call.params.projectId}/self-hosted/distribution/credentials${question.path}`;
  return send(doing, call, {
    ...question,
    path,
    headers: { authorization: `Token ${call.admin.apiKey.reveal()}` },
  });
}

/**
 * Every credential that the API key may see: all of the project, or its own account's alone. The
 * list has no pages.
 */
async function list(call: Call): Promise<readonly FoundCredential[]> {
  const doing = 'deepgram: list the credentials';
  const answer = await ask(doing, call, {
    method: 'GET',
    path: '',
    idempotent: true,
    maxBytes: LIST_BYTES,
  });
  const entries = parsed(doing, answer, List, meanings).distribution_credentials ?? [];
  return entries.map(
    ({ distribution_credentials: { distribution_credentials_id: id, comment, created } }) => ({
      id,
      label: comment ?? '',
      issuedAt: created,
    }),
  );
}
