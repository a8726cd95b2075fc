import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { ProviderCall } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import type { Meanings } from '../http/answer.ts';
import {
  anyObject,
  defineProvider,
  LIST_BYTES,
  pathOf,
  type Question,
  vendorId,
  vendorTime,
} from './common.ts';
import { read } from './huawei/answer.ts';
import { Admin, ask, domainId, located, place, projectName, realms, userId } from './huawei/api.ts';

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
  credential: z.object({ access: vendorId, secret: z.string().min(1).optional().catch(undefined) }),
});
const Key = z.object({
  access: vendorId,
  status: z.string().nullish(),
  description: z.string().nullish(),
  create_time: vendorTime,
});
const List = z.object({ credentials: z.array(Key) });

/**
 * Long-term logins to Huawei Cloud SWR's basic edition: the access keys of an IAM user, of which a
 * login is a function. SWR itself keeps nothing. Source: support.huaweicloud.com api-iam
 * iam_03_0001 to 0005, usermanual-swr swr_01_1000.
 */
export const huaweiSwrAccessKey = defineProvider({
  name: 'huawei-swr-access-key',
  capabilities: {
    list: true,
    disable: true,
    expiry: false,
    liveAtOnce: 2,
    username: 'provider',
    readAgain: false,
  },
  params: Params,
  admin: Admin,
  endpoint: 'https://iam.{suffix}',
  registry: 'swr.{region}.{suffix}',
  realms,
  // IAM knows no regions: a region says only at which registry a key is used
  place: (params) => [located('{suffix}', params), params.userId],

  async check(call) {
    const strangers = (await keys(call)).filter(
      ({ description }) => !description?.startsWith('rekey-'),
    );
    if (strangers.length === 0) return;
    const what = 'the IAM user has an access key that is not rekey’s, and room for two';
    throw new RekeyError(
      'quota',
      `huawei-swr-access-key: list the keys: ${what}; give rekey a user of its own for each target`,
    );
  },

  async issue(call, { label }) {
    const doing = 'huawei-swr-access-key: create the key';
    const { userId, region, projectName = region } = call.params;
    const body = { credential: { user_id: userId, description: label } };
    const answer = await askIam(doing, call, { method: 'POST', path: '', body, idempotent: false });
    const { access, secret } = read(doing, answer, Created, meanings).credential;
    if (!secret) {
      // nobody can ever use it; what this fails to delete is found by its description
      await huaweiSwrAccessKey.revoke(call, { id: access }).catch(() => {});
      throw new RekeyError(
        'bad-answer',
        `${doing}: status ${answer.status} without the secret access key`,
      );
    }
    const password = new Secret(createHmac('sha256', secret).update(access).digest('hex'));
    const registry = located(call.registry ?? 'swr.{region}.{suffix}', call.params);
    return { id: access, username: `${projectName}@${access}`, password, registry };
  },

  async find(call, prefix) {
    const live = (await keys(call)).filter(
      ({ description, status }) => description?.startsWith(prefix) && status !== 'inactive',
    );
    return live.map(({ access: id, description, create_time: issuedAt }) => ({
      id,
      label: description ?? '',
      issuedAt,
    }));
  },

  async revoke(call, { id }) {
    const doing = 'huawei-swr-access-key: delete the key';
    const answer = await askIam(doing, call, {
      method: 'DELETE',
      path: ofAnother(doing, call, id),
      idempotent: true,
    });
    if (answer.status !== 204 && answer.status !== 404) read(doing, answer, anyObject, meanings);
  },

  async enable(call, { id }, enabled) {
    const doing = `huawei-swr-access-key: ${enabled ? 'enable' : 'disable'} the key`;
    const body = { credential: { status: enabled ? 'active' : 'inactive' } };
    const answer = await askIam(doing, call, {
      method: 'PUT',
      path: ofAnother(doing, call, id),
      body,
      idempotent: true,
    });
    if (answer.status === 404 && !enabled) return;
    read(doing, answer, anyObject, {
      ...meanings,
      404: ['not-found', 'the key is gone for good; rotate instead'],
    });
  },
});

const meanings: Meanings = {
  400: [
    'rejected',
    'Huawei Cloud does not take the request; check userId and domainId in the params of the fleet file',
  ],
  401: [
    'admin-refused',
    'Huawei Cloud refuses the access key; put a valid accessKey and secretKey into the admin secret',
  ],
  403: [
    'forbidden',
    'the IAM user of the admin secret may not manage the access keys of another user; give it Security Administrator, or the actions for permanent access keys',
  ],
  404: ['not-found', 'there is no such IAM user; check userId in the params of the fleet file'],
  409: ['conflict', 'Huawei Cloud says that the key exists; the next attempt makes another one'],
  429: [
    'throttled',
    'too many calls with the access key of the admin secret; rekey waits and tries again',
  ],
};

function askIam(doing: string, call: Call, question: Question) {
  const { domainId } = call.params;
  const path = `/v3.0/OS-CREDENTIAL/credentials${question.path}`;
  return ask(doing, call, {
    ...question,
    path,
    headers: domainId ? { 'x-domain-id': domainId } : {},
  });
}

const OWN_KEY =
  'the access key in the admin secret belongs to the user whose keys are rotated, which has room for two; take that of another user';

/** The end of a path to a key that is not rekey's own: it would saw off the branch it sits on. */
function ofAnother(doing: string, { admin }: Call, id: string): string {
  if (id === admin.accessKey.reveal()) throw new RekeyError('rejected', `${doing}: ${OWN_KEY}`);
  return pathOf(doing, id);
}

/** All access keys of the user, active or not. The list has no pages. */
async function keys(call: Call): Promise<z.output<typeof List>['credentials']> {
  const doing = 'huawei-swr-access-key: list the keys';
  const path = `?user_id=${call.params.userId}`;
  const answer = await askIam(doing, call, {
    method: 'GET',
    path,
    idempotent: true,
    maxBytes: LIST_BYTES,
  });
  const { credentials } = read(doing, answer, List, meanings);
  if (credentials.some(({ access }) => access === call.admin.accessKey.reveal())) {
    throw new RekeyError('rejected', `${doing}: ${OWN_KEY}`);
  }
  return credentials;
}
