import * as z from 'zod';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { DAY } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, jsonApi, registryOf, select, takeBack } from './client/index.ts';
import {
  anyObject,
  lenient,
  listOf,
  numericId,
  origin,
  registryHost,
  text,
  tokenAdmin,
  vendorTime,
} from './client/schemas.ts';

const GITLAB = 'https://gitlab.com';

const path = (what: string) =>
  z
    .string(`${what}: its path or its number, in quotes`)
    .regex(/^\w[\w.-]*(?:\/\w[\w.-]*)*$/, `${what}: its path or its number`)
    .optional();
const Params = z
  .strictObject({
    endpoint: origin('a GitLab', 'https://gitlab.example.com')
      .optional()
      .describe('Origin of a self-managed GitLab. Default: https://gitlab.com.'),
    registry: registryHost
      .optional()
      .describe('Host, and perhaps port, of the registry of a self-managed GitLab.'),
    project: path('a project').describe('The project whose registry the tokens are for.'),
    group: path('a group').describe('In place of a project: a group, with all its projects.'),
    scopes: listOf('scope', z.enum(['read_registry', 'write_registry']))
      .default(['read_registry'])
      .describe('What the tokens may do.'),
  })
  .refine(({ project, group }) => (project === undefined) !== (group === undefined), {
    path: ['project'],
    error: 'a project or a group, and not both',
  })
  .refine(({ endpoint, registry }) => (endpoint === undefined) === (registry === undefined), {
    path: ['registry'],
    error: 'endpoint and registry together: those of a self-managed GitLab',
  });
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof tokenAdmin>>;

const Created = z.object({
  id: numericId,
  username: text,
  token: lenient(text),
  expires_at: vendorTime,
});
const Token = z.object({
  id: numericId,
  name: z.string().nullish(),
  username: z.string().nullish(),
  revoked: lenient(z.boolean()),
  expired: lenient(z.boolean()),
});
const Page = z.array(Token).transform((items) => ({ items }));

/**
 * Deploy tokens of a project or a group at GitLab. The label is the username of a token. Its name
 * is the label and the time of issue, because GitLab does not show that time. Both need not be
 * unique. Source: github.com/gitlabhq/gitlabhq (lib/api/deploy_tokens.rb,
 * app/models/deploy_token.rb).
 */
export const gitlabDeployToken = defineProvider({
  name: 'gitlab-deploy-token',
  capabilities: { expiry: true },
  params: Params,
  admin: tokenAdmin,
  // the token server is GitLab, not the registry
  address: ({ endpoint = GITLAB, registry = 'registry.gitlab.com' }) => ({
    endpoint,
    registry,
    realms: [new URL(endpoint).host],
  }),
  actions: ({ scopes }) => scopes.map((scope) => (scope === 'read_registry' ? 'pull' : 'push')),
  place: ({ endpoint, project, group }) => [
    endpoint ?? GITLAB,
    project === undefined ? 'group' : 'project',
    (project ?? group ?? '').toLowerCase(),
  ],

  check: seen,

  async issue(call, { label, expiresAt }) {
    const registry = registryOf(call);
    const answer = await api(call).post('create the token', '', {
      name: `${label} ${call.now().toISOString()}`,
      username: label,
      scopes: call.params.scopes,
      ...(expiresAt && { expires_at: lastSecond(expiresAt).toISOString() }),
    });
    const { id, username, token, expires_at: last } = answer.read(Created);
    if (!token) throw await takeBack(gitlabDeployToken, call, id, answer.lacks('token'));
    const password = new Secret(token);
    return { id, username, password, registry, expiresAt: last && endOfDay(last) };
  },

  // without `active=true`, which leaves out a token on its last day although it still works
  find: (call, filter) =>
    select(filter, tokens(call), ({ id, username, name, revoked, expired }) => {
      if (revoked || expired) return undefined;
      const issuedAt = vendorTime.parse(name?.split(' ')[1]);
      return { id, label: username ?? '', issuedAt };
    }),

  // 404 is also the answer if the admin token no longer sees the project
  revoke: (call, { id }) =>
    api(call).delete('delete the token', '', { id, gone: [404], goneIf: () => seen(call) }),
});

const meanings: Meanings = {
  400: advice.request('GitLab', 'project or group, and scopes,'),
  401: advice.admin('GitLab', 'access token'),
  403:
    'the access token in the admin secret needs the scope api and the role Maintainer in the ' +
    'project, or Owner in the group',
  404: `the access token sees no such project or group; ${advice.check('project or group')}`,
};

function api(call: Call) {
  const { project, group } = call.params;
  const [kind, holder] = project === undefined ? ['groups', group] : ['projects', project];
  return jsonApi(call, {
    vendor: 'gitlab-deploy-token',
    endpoint: `${call.endpoint}/api/v4/${kind}/${encodeURIComponent(holder ?? '')}/deploy_tokens`,
    meanings,
    headers: { 'private-token': call.admin.token.reveal() },
  });
}

/** Throws unless the admin token may list the tokens. */
async function seen(call: Call): Promise<void> {
  await api(call).get('list the tokens', '?per_page=1', z.array(anyObject));
}

/** All tokens, including expired ones. GitLab omits the total above 10,000. */
const tokens = (call: Call) =>
  api(call).pages('list the tokens', ({ page }) => `?page=${page}&per_page=100`, Page);

/** A token ends with the day of its `expires_at` (app/models/deploy_token.rb, `expired?`). */
const endOfDay = (last: Date): Date => new Date((Math.floor(+last / DAY) + 1) * DAY);

/** The last second of the first day that ends at `end` or later. */
const lastSecond = (end: Date): Date => new Date(Math.ceil(+end / DAY) * DAY - 1000);
