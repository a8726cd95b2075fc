import * as z from 'zod';
import { basicAuth } from '../core/login.ts';
import { defineProvider, type LabelFilter, type ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { DAY } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, jsonApi, registryOf, select, takeBack, whenUnknown } from './client/index.ts';
import { lenient, numericId, origin, passwordAdmin, text, vendorTime } from './client/schemas.ts';

const actions = z
  .array(z.enum(['pull', 'push']), 'a list of pull and push')
  .refine((list) => list.includes('pull'), 'pull, or pull and push: Harbor needs pull to push');
const Params = z.strictObject({
  endpoint: origin('a Harbor', 'https://harbor.example.com').describe(
    'Origin of the Harbor, https://<host>.',
  ),
  project: z
    .string('a project')
    // the project, a + and a label must fit into the 255 characters of a name
    .max(190, 'a project: at most 190 characters')
    .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'a project: a-z and 0-9, with single . _ or -')
    .describe('The project whose repositories the robots may use.'),
  actions: actions.default(['pull']).describe('What the robots may do in the project.'),
});
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof passwordAdmin>>;

const Project = z.object({ project_id: numericId });
const Created = z.object({
  id: numericId,
  name: text,
  secret: lenient(text),
  expires_at: lenient(z.int()),
});
const Robot = z.object({
  id: numericId,
  name: z.string(),
  disable: lenient(z.boolean()),
  expires_at: lenient(z.int()),
  creation_time: vendorTime,
});
const Page = z.array(Robot).transform((items) => ({ items }));
const Whole = z.looseObject({ level: z.string(), permissions: z.array(z.unknown()) });

/**
 * Robot accounts of one project at Harbor. The label is the short name of a robot. Its username is
 * `<prefix><project>+<label>`, with a prefix that the system administrator chooses. Source:
 * github.com/goharbor/harbor @c50c7ddd (api/v2.0/swagger.yaml, src/server/v2.0/handler/robot.go).
 */
export const harborRobot = defineProvider({
  name: 'harbor-robot',
  capabilities: { expiry: true },
  params: Params,
  admin: passwordAdmin,
  address: ({ endpoint }) => ({ endpoint, registry: new URL(endpoint).host }),
  actions: (params) => params.actions,
  place: ({ endpoint, project }) => [endpoint, project],

  async check(call) {
    await robots(call, { prefix: 'rekey-' }).next();
  },

  async issue(call, { label, expiresAt }) {
    const registry = registryOf(call);
    const { project, actions } = call.params;
    // whole days, rounded up, so that the robot does not end early
    const days = expiresAt ? Math.max(1, Math.ceil((+expiresAt - +call.now()) / DAY)) : -1;
    const access = actions.map((action) => ({ resource: 'repository', action }));
    const answer = await api(call).post('create the robot', '/robots', {
      name: label,
      description: 'issued by rekey',
      level: 'project',
      duration: days,
      disable: false,
      permissions: [{ kind: 'project', namespace: project, access }],
    });
    const { id, name, secret, expires_at: end } = answer.read(Created);
    if (!secret) throw await takeBack(harborRobot, call, id, answer.lacks('secret'));
    const password = new Secret(secret);
    const ends = end === undefined ? expiresAt : endOf(end);
    return { id, username: name, password, registry, expiresAt: ends };
  },

  // Harbor lists disabled and expired robots until they are deleted
  find: (call, filter) =>
    select(filter, robots(call, filter), ({ id, name, disable, expires_at, creation_time }) => {
      const end = endOf(expires_at ?? -1);
      if (disable || (end && end <= call.now())) return undefined;
      return { id, label: name.slice(name.lastIndexOf('+') + 1), issuedAt: creation_time };
    }),

  revoke: (call, { id }) =>
    api(call).delete('delete the robot', '/robots', { id, gone: [404], empty: true }),

  async enable(call, { id }, enabled) {
    const answer = await api(call).send('GET', 'read the robot', '/robots', { id });
    if (answer.status === 404 && !enabled) return;
    const { meanings } = whenUnknown(enabled);
    const robot = { ...answer.read(Whole, meanings), disable: !enabled };
    const doing = `${enabled ? 'enable' : 'disable'} the robot`;
    await api(call).put(doing, '/robots', robot, { id, empty: true, ...whenUnknown(enabled) });
  },
});

const meanings: Meanings = {
  400: advice.request('Harbor', 'project and actions'),
  401: advice.admin('Harbor', 'admin credential', 'username and password'),
  403: `the user of the admin secret must administer the project; ${advice.check('project')}`,
  404: advice.missing('project', 'endpoint and project'),
};

const api = (call: Call) =>
  jsonApi(call, {
    vendor: 'harbor-robot',
    endpoint: `${call.endpoint}/api/v2.0`,
    meanings,
    headers: { authorization: basicAuth(call.admin) },
  });

/** The project's robots with this text in their names, page by page. */
async function* robots(call: Call, filter: LabelFilter) {
  const path = `/projects/${call.params.project}`;
  // without this header, Harbor looks a project whose name is a number up by id
  const headers = { 'x-is-resource-name': 'true' };
  const { project_id: project } = await api(call).get('read the project', path, Project, {
    headers,
  });
  const text = 'label' in filter ? filter.label : filter.prefix;
  const query = encodeURIComponent(`Level=project,ProjectID=${project},name=~${text}`);
  const at = ({ page }: { page: number }) =>
    `/robots?q=${query}&sort=id&page=${page}&page_size=100`;
  yield* api(call).pages('list the robots', at, Page);
}

/** The expiry in Unix seconds as a date; -1 means none. */
const endOf = (seconds: number): Date | undefined =>
  seconds < 0 ? undefined : new Date(seconds * 1000);
