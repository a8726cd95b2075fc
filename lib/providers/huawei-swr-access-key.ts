import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { defineProvider, type ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import type { Meanings } from '../http/answer.ts';
import { advice, select, takeBack, whenUnknown } from './client/index.ts';
import { lenient, text, vendorId, vendorTime } from './client/schemas.ts';
import {
  Admin,
  domainId,
  huaweiApi,
  located,
  place,
  projectName,
  realms,
  userId,
} from './huawei/api.ts';

const Params = z.strictObject({
  ...place,
  userId: userId.describe(
    'Id of the IAM user whose access keys are rotated: one of its own for each target.',
  ),
  projectName: projectName.optional().describe('Project to log in to. Default: the region’s own.'),
  domainId: domainId
    .optional()
    .describe('Id of the account, sent as X-Domain-Id where IAM asks for it.'),
});
type Call = ProviderCall<z.output<typeof Params>, z.output<typeof Admin>>;

const Created = z.object({
  credential: z.object({ access: vendorId, secret: lenient(text) }),
});
const Key = z
  .object({
    access: vendorId,
    status: z.string().nullish(),
    description: z.string().nullish(),
    create_time: vendorTime,
  })
  .transform(({ access: id, create_time: issuedAt, ...key }) => ({ id, issuedAt, ...key }));
const List = z.object({ credentials: z.array(Key) });

/**
 * Long-term logins to Huawei Cloud SWR's basic edition, each computed from an access key of an IAM
 * user. SWR stores nothing. Source: support.huaweicloud.com api-iam iam_03_0001 to 0005,
 * usermanual-swr swr_01_1000.
 */
export const huaweiSwrAccessKey = defineProvider({
  name: 'huawei-swr-access-key',
  capabilities: { liveAtOnce: 2 },
  params: Params,
  admin: Admin,
  endpoint: 'https://iam.{suffix}',
  registry: 'swr.{region}.{suffix}',
  realms,
  // IAM has no regions: the region only selects the registry
  place: (params) => [located('{suffix}', params), params.userId],

  async check(call) {
    const foreign = (key: z.output<typeof Key>) => !key.description?.startsWith('rekey-');
    if (!(await keys(call)).some(foreign)) return;
    throw api(call).error('quota', 'list the keys', foreignKey);
  },

  async issue(call, { label }) {
    const { userId, region, projectName = region } = call.params;
    const wanted = { credential: { user_id: userId, description: label } };
    const answer = await api(call).post('create the key', '', wanted);
    const { access: id, secret } = answer.read(Created).credential;
    if (!secret)
      throw await takeBack(huaweiSwrAccessKey, call, id, answer.lacks('secret access key'));
    const password = new Secret(createHmac('sha256', secret).update(id).digest('hex'));
    const registry = located(call.registry ?? 'swr.{region}.{suffix}', call.params);
    return { id, username: `${projectName}@${id}`, password, registry };
  },

  find: async (call, filter) =>
    select(filter, await keys(call), ({ id, description: label, status, issuedAt }) =>
      label && status !== 'inactive' ? { id, label, issuedAt } : undefined,
    ),

  async revoke(call, { id }) {
    const doing = 'delete the key';
    refuseOwn(call, doing, id);
    await api(call).delete(doing, '', { id, gone: [404] });
  },

  async enable(call, { id }, enabled) {
    const doing = `${enabled ? 'enable' : 'disable'} the key`;
    refuseOwn(call, doing, id);
    const body = { credential: { status: enabled ? 'active' : 'inactive' } };
    await api(call).put(doing, '', body, { id, ...whenUnknown(enabled) });
  },
});

const foreignKey =
  'the IAM user has a foreign access key, and room for only two keys; give each target a ' +
  'separate IAM user';
const ownKey =
  'the access key in the admin secret belongs to the IAM user whose keys are rotated, which has ' +
  'room for only two; use the key of another user';

const meanings: Meanings = {
  400: advice.request('Huawei Cloud', 'userId and domainId'),
  403:
    'the IAM user of the admin secret may not manage the access keys of another user; give it ' +
    'Security Administrator, or the actions for permanent access keys',
  404: advice.missing('IAM user', 'userId'),
};

const api = (call: Call) =>
  huaweiApi(call, {
    vendor: 'huawei-swr-access-key',
    base: '/v3.0/OS-CREDENTIAL/credentials',
    headers: call.params.domainId ? { 'x-domain-id': call.params.domainId } : {},
    meanings,
  });

/** Throws if the key that signs rekey's calls is among these: rekey would lock itself out. */
function refuseOwn(call: Call, doing: string, ...ids: readonly string[]): void {
  if (!ids.includes(call.admin.accessKey.reveal())) return;
  throw api(call).error('rejected', doing, ownKey);
}

/** All access keys of the user, active or not. */
async function keys(call: Call): Promise<readonly z.output<typeof Key>[]> {
  const doing = 'list the keys';
  const { credentials } = await api(call).list(doing, `?user_id=${call.params.userId}`, List);
  refuseOwn(call, doing, ...credentials.map(({ id }) => id));
  return credentials;
}
