import * as z from 'zod';
import { defineProvider } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { DAY } from '../core/time.ts';
import { text, vendorId } from './client/schemas.ts';
import { Admin, realms } from './huawei/api.ts';
import { expiry } from './huawei/expiry.ts';
import {
  type InstanceCall,
  InstanceParams,
  instanceApi,
  LoginName,
  placeOfInstance,
  readyHost,
} from './huawei/instance.ts';

const Created = z.object({
  token_id: vendorId,
  user_id: LoginName,
  auth_token: text,
  expire_date: z.string().nullish().catch(undefined),
});

/**
 * Temporary credentials of an instance of Huawei Cloud SWR Enterprise Edition. They live for a day,
 * and cannot be listed or revoked. Source: support.huaweicloud.com api-swr2 swr_03_0401
 * (2025-11-03), usermanual2-swr swr_02_0422.
 */
export const huaweiSwrEnterpriseTemporary = defineProvider({
  name: 'huawei-swr-enterprise-temporary',
  params: InstanceParams,
  admin: Admin,
  endpoint: 'https://swr-api.{region}.{suffix}',
  realms,
  place: placeOfInstance,
  lifetime: () => DAY,

  async check(call) {
    await readyHost(api(call));
  },

  async issue(call) {
    const registry = await readyHost(api(call));
    const answer = await api(call).post('create the credential', '/temp-credential');
    const created = answer.read(Created);
    return {
      id: created.token_id,
      username: created.user_id,
      password: new Secret(created.auth_token),
      registry,
      expiresAt: expiry(created.expire_date, call.now(), DAY),
    };
  },
});

const api = (call: InstanceCall) => instanceApi('huawei-swr-enterprise-temporary', call);
