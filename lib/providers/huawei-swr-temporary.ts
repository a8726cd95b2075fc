import * as z from 'zod';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import { DAY, HOUR, SECOND } from '../core/time.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, digestId, dockerLogins, LIST_BYTES } from './client/index.ts';
import { Admin, huaweiApi, located, place, projectId, projectName, realms } from './huawei/api.ts';
import { expiry } from './huawei/expiry.ts';

const Params = z
  .strictObject({
    ...place,
    kind: z
      .enum(['secret', 'authorizationtoken'])
      .default('secret')
      .describe(
        'secret: lives 6 hours. authorizationtoken: lives a day, on the new IAM plane only.',
      ),
    projectName: projectName
      .optional()
      .describe('Project that a secret is for. Default: the region’s own.'),
    projectId: projectId
      .optional()
      .describe('Id of that project, where it is not the region’s own.'),
    durationSeconds: z
      .number('a number of seconds')
      .int('a whole number of seconds')
      .min(900, 'at least 900')
      .max(86_400, 'at most 86400')
      .optional()
      .describe('How long a secret lives, in regions that know duration_seconds.'),
  })
  .refine(({ kind, durationSeconds }) => kind === 'secret' || durationSeconds === undefined, {
    path: ['durationSeconds'],
    message: 'nothing: an authorizationtoken lives a day',
  });
type Params = z.output<typeof Params>;
type Call = ProviderCall<Params, z.output<typeof Admin>>;

/**
 * Temporary logins of Huawei Cloud SWR's basic edition. They cannot be listed or revoked. Source:
 * support.huaweicloud.com api-swr swr_02_0052 (2026-02-05) and swr_02_0058.
 */
export const huaweiSwrTemporary = defineProvider({
  name: 'huawei-swr-temporary',
  params: Params,
  admin: Admin,
  endpoint: 'https://swr-api.{region}.{suffix}',
  realms,
  place: (params) => [
    located('{region}.{suffix}', params),
    params.projectName ?? params.region,
    params.projectId ?? '',
  ],
  lifetime,

  async check(call) {
    const path = '/v2/manage/namespaces';
    const list = { maxBytes: LIST_BYTES };
    const answer = await api(call).send('GET', 'list the organizations', path, list);
    // 403 proves the signature; only issuing a login proves the right to issue one
    if (answer.status !== 403) answer.confirm();
  },

  async issue(call) {
    const answer = await api(call).post('create the login', pathOf(call.params));
    // the headers also hold the login, as a command line
    const [login] = answer.read(dockerLogins);
    if (!login) throw answer.lacks('login for a registry');
    // Huawei gives no id, and the previous login may have the same username
    const id = digestId(`${login.username}:${login.password.reveal()}`);
    const end = answer.headers['x-swr-expireat'];
    return { id, ...login, expiresAt: expiry(end, call.now(), lifetime(call.params)) };
  },
});

const meanings: Meanings = {
  400: advice.request('Huawei Cloud', 'region, projectName, kind and durationSeconds'),
  403: 'the IAM user of the admin secret may not issue logins; grant it the action of the kind',
  404: `this region has no such call; ${advice.check('region and kind')}`,
};

const api = (call: Call) =>
  huaweiApi(call, {
    vendor: 'huawei-swr-temporary',
    headers: call.params.projectId ? { 'x-project-id': call.params.projectId } : {},
    meanings,
  });

function lifetime({ kind, durationSeconds }: Params): number {
  if (kind === 'authorizationtoken') return DAY;
  return durationSeconds === undefined ? 6 * HOUR : durationSeconds * SECOND;
}

/** `duration_seconds` is sent only if it is set: not every region knows it. */
function pathOf({ kind, region, projectName = region, durationSeconds }: Params): string {
  if (kind === 'authorizationtoken') return '/v2/manage/utils/authorizationtoken';
  const duration = durationSeconds === undefined ? '' : `&duration_seconds=${durationSeconds}`;
  return `/v2/manage/utils/secret?projectname=${projectName}${duration}`;
}
