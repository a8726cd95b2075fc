import {
  advice,
  bearerAuth,
  defineProvider,
  jsonApi,
  lenient,
  type Meanings,
  type ProviderCall,
  registryOf,
  Secret,
  select,
  takeBack,
  text,
  tokenAdmin,
  vendorId,
  vendorTime,
} from 'cdk-rekey/provider';
import * as z from 'zod';

const Params = z.strictObject({
  projectId: z.guid('the id of a project, a UUID').describe('Id of the project.'),
});
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof tokenAdmin>>;

const Created = z.object({
  id: vendorId,
  username: lenient(text),
  password: lenient(text),
  expiresAt: vendorTime,
});
const Token = z.object({ id: vendorId, name: z.string(), createdAt: vendorTime });
const Page = z.object({ items: z.array(Token), total: z.int().min(0) });

/** Tokens of one project at Acme Registry. The label is a token's name. Source: made up. */
export const acmeRegistry = defineProvider({
  name: 'acme-registry',
  capabilities: { expiry: true },
  params: Params,
  admin: tokenAdmin,
  endpoint: 'https://api.acme-registry.example',
  registry: 'registry.acme-registry.example',
  place: ({ projectId }) => [projectId.toLowerCase()],

  async check(call) {
    await tokens(call).next();
  },

  async issue(call, { label, expiresAt }) {
    const registry = registryOf(call);
    const wanted = { name: label, expiresAt: expiresAt?.toISOString() };
    const answer = await api(call).post('create the token', '/tokens', wanted);
    const { id, username, password, expiresAt: end } = answer.read(Created);
    if (!username || !password)
      throw await takeBack(acmeRegistry, call, id, answer.lacks('username and password'));
    return { id, registry, username, password: new Secret(password), expiresAt: end };
  },

  find: (call, filter) =>
    select(filter, tokens(call), ({ id, name, createdAt }) => ({
      id,
      label: name,
      issuedAt: createdAt,
    })),

  revoke: (call, { id }) => api(call).delete('delete the token', '/tokens', { id, gone: [404] }),
});

const meanings: Meanings = {
  404: advice.missing('project', 'projectId'),
};

const api = (call: Call) =>
  jsonApi(call, {
    vendor: 'acme-registry',
    endpoint: `${call.endpoint}/v1/projects/${call.params.projectId}`,
    meanings,
    headers: { authorization: bearerAuth(call.admin.token) },
  });

const tokens = (call: Call) =>
  api(call).pages('list the tokens', ({ offset }) => `/tokens?offset=${offset}&limit=100`, Page);
