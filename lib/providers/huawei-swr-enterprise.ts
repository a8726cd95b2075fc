import * as z from 'zod';
import { defineProvider } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { select, takeBack, whenUnknown } from './client/index.ts';
import { lenient, text, vendorId, vendorTime } from './client/schemas.ts';
import { Admin, realms } from './huawei/api.ts';
import {
  type InstanceCall,
  InstanceParams,
  instanceApi,
  LoginName,
  placeOfInstance,
  readyHost,
} from './huawei/instance.ts';

/** `expire_date` is ignored: credentials without an expiry have one too. */
const Created = z.object({
  token_id: vendorId,
  user_id: lenient(LoginName),
  auth_token: lenient(text),
});
const Token = z
  .object({
    token_id: vendorId,
    name: z.string().nullish(),
    enable: z.boolean().nullish(),
    created_at: vendorTime,
  })
  .transform(({ token_id: id, ...token }) => ({ id, ...token }));
const Page = z
  .object({ auth_tokens: z.array(Token).nullish(), total: z.int().min(0) })
  .transform(({ auth_tokens: items, total }) => ({ items: items ?? [], total }));

/**
 * Long-term credentials of an instance of Huawei Cloud SWR Enterprise Edition. They belong to the
 * IAM user whose access key signs. Source: support.huaweicloud.com api-swr2 swr_03_0003 and
 * swr_03_0402 to 0405 (2025-11-03).
 */
export const huaweiSwrEnterprise = defineProvider({
  name: 'huawei-swr-enterprise',
  params: InstanceParams,
  admin: Admin,
  endpoint: 'https://swr-api.{region}.{suffix}',
  realms,
  place: placeOfInstance,

  async check(call) {
    await readyHost(api(call));
    await credentials(call).next();
  },

  async issue(call, { label }) {
    const registry = await readyHost(api(call));
    const wanted = { name: label };
    const answer = await api(call).post('create the credential', '/long-term-credential', wanted);
    const { token_id: id, user_id: username, auth_token: password } = answer.read(Created);
    if (username && password) return { id, username, password: new Secret(password), registry };
    throw await takeBack(huaweiSwrEnterprise, call, id, answer.lacks('user and token'));
  },

  find: (call, filter) =>
    select(filter, credentials(call), ({ id, name, enable, created_at: issuedAt }) =>
      name && enable !== false ? { id, label: name, issuedAt } : undefined,
    ),

  revoke: (call, { id }) => api(call).delete('delete the credential', path, { id, gone: [404] }),

  enable(call, { id }, enable) {
    const doing = `${enable ? 'enable' : 'disable'} the credential`;
    return api(call).put(doing, path, { enable }, { id, empty: true, ...whenUnknown(enable) });
  },
});

const path = '/long-term-credentials';

const api = (call: InstanceCall) => instanceApi('huawei-swr-enterprise', call);

/** The credentials of the IAM user whose access key signs, page by page. */
const credentials = (call: InstanceCall) =>
  api(call).pages(
    'list the credentials',
    ({ offset }) => `${path}?offset=${offset}&limit=100`,
    Page,
  );
