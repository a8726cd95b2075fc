import * as z from 'zod';
import { Secret } from '../core/secret.ts';
import { DAY } from '../core/time.ts';
import { defineProvider, vendorId } from './common.ts';
import { read } from './huawei/answer.ts';
import { Admin, realms } from './huawei/api.ts';
import { expiry } from './huawei/expiry.ts';
import {
  askInstance,
  InstanceParams,
  LoginName,
  meanings,
  placeOfInstance,
  readyHost,
} from './huawei/instance.ts';

const Created = z.object({
  token_id: vendorId,
  user_id: LoginName,
  auth_token: z.string().min(1),
  expire_date: z.string().nullish().catch(undefined),
});

/**
 * Temporary credentials of an instance of Huawei Cloud SWR Enterprise Edition. They live a day,
 * cannot be ended before, and are in no list. Source: support.huaweicloud.com api-swr2 swr_03_0401
 * (2025-11-03), usermanual2-swr swr_02_0422.
 */
export const huaweiSwrEnterpriseTemporary = defineProvider({
  name: 'huawei-swr-enterprise-temporary',
  capabilities: {
    list: false,
    disable: false,
    expiry: false,
    liveAtOnce: Infinity,
    username: 'provider',
    readAgain: false,
  },
  params: InstanceParams,
  admin: Admin,
  endpoint: 'https://swr-api.{region}.{suffix}',
  realms,
  place: placeOfInstance,
  lifetime: () => DAY,

  async check(call) {
    await readyHost('huawei-swr-enterprise-temporary', call);
  },

  async issue(call) {
    const registry = await readyHost('huawei-swr-enterprise-temporary', call);
    const doing = 'huawei-swr-enterprise-temporary: create the credential';
    const answer = await askInstance(doing, call, {
      method: 'POST',
      path: '/temp-credential',
      idempotent: false,
    });
    const {
      token_id: id,
      user_id: username,
      auth_token: password,
      expire_date,
    } = read(doing, answer, Created, meanings);
    return {
      id,
      username,
      password: new Secret(password),
      registry,
      expiresAt: expiry(expire_date, call.now(), DAY),
    };
  },

  find: async () => [],
});
