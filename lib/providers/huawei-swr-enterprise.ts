import * as z from 'zod';
import { RekeyError } from '../core/errors.ts';
import type { FoundCredential } from '../core/provider.ts';
import { Secret } from '../core/secret.ts';
import { anyObject, defineProvider, LIST_BYTES, pathOf, vendorId, vendorTime } from './common.ts';
import { done, read } from './huawei/answer.ts';
import { Admin, realms } from './huawei/api.ts';
import {
  askInstance,
  type InstanceCall,
  InstanceParams,
  LoginName,
  meanings,
  placeOfInstance,
  readyHost,
} from './huawei/instance.ts';

/**
 * The time in `expire_date` is not looked at: it is there for credentials that never expire, too.
 */
const Created = z.object({
  token_id: vendorId,
  user_id: LoginName.optional().catch(undefined),
  auth_token: z.string().min(1).optional().catch(undefined),
});
const Token = z.object({
  token_id: vendorId,
  name: z.string().nullish(),
  enable: z.boolean().nullish(),
  created_at: vendorTime,
});
const Page = z.object({ auth_tokens: z.array(Token).nullish(), total: z.number().int().min(0) });

/**
 * Long-term credentials of an instance of Huawei Cloud SWR Enterprise Edition. They belong to the
 * IAM user whose access key signs. Source: support.huaweicloud.com api-swr2 swr_03_0003 and
 * swr_03_0402 to 0405 (2025-11-03).
 */
export const huaweiSwrEnterprise = defineProvider({
  name: 'huawei-swr-enterprise',
  capabilities: {
    list: true,
    disable: true,
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

  async check(call) {
    await readyHost('huawei-swr-enterprise', call);
    await credentials(call).next();
  },

  async issue(call, { label }) {
    const registry = await readyHost('huawei-swr-enterprise', call);
    const doing = 'huawei-swr-enterprise: create the credential';
    const question = {
      method: 'POST',
      path: '/long-term-credential',
      body: { name: label },
      idempotent: false,
    } as const;
    const answer = await askInstance(doing, call, question);
    const {
      token_id: id,
      user_id: username,
      auth_token: password,
    } = read(doing, answer, Created, meanings);
    if (username && password) return { id, username, password: new Secret(password), registry };
    // nobody can ever use it; what this fails to delete is found by its label
    await huaweiSwrEnterprise.revoke(call, { id }).catch(() => {});
    throw new RekeyError(
      'bad-answer',
      `${doing}: status ${answer.status} without a user and a token`,
    );
  },

  async find(call, prefix) {
    const found = new Map<string, FoundCredential>();
    for await (const { token_id: id, name, enable, created_at: issuedAt } of credentials(call)) {
      if (name?.startsWith(prefix) && enable !== false)
        found.set(id, { id, label: name, issuedAt });
    }
    return [...found.values()];
  },

  async revoke(call, { id }) {
    const doing = 'huawei-swr-enterprise: delete the credential';
    const path = `/long-term-credentials${pathOf(doing, id)}`;
    const answer = await askInstance(doing, call, { method: 'DELETE', path, idempotent: true });
    if (answer.status !== 204 && answer.status !== 404) read(doing, answer, anyObject, meanings);
  },

  async enable(call, { id }, enabled) {
    const doing = `huawei-swr-enterprise: ${enabled ? 'enable' : 'disable'} the credential`;
    const path = `/long-term-credentials${pathOf(doing, id)}`;
    const answer = await askInstance(doing, call, {
      method: 'PUT',
      path,
      body: { enable: enabled },
      idempotent: true,
    });
    if (answer.status === 404 && !enabled) return;
    done(doing, answer, {
      ...meanings,
      404: ['not-found', 'the credential is gone for good; rotate instead'],
    });
  },
});

/** Pages that are read before a list is taken to be endless. */
const MAX_PAGES = 500;

/**
 * The credentials of the IAM user who asks, page by page. One that others' deletions move between
 * two pages may come twice.
 */
async function* credentials(call: InstanceCall): AsyncGenerator<z.output<typeof Token>> {
  const doing = 'huawei-swr-enterprise: list the credentials';
  const seen = new Set<string>();
  for (let page = 0, offset = 0; page < MAX_PAGES; page++) {
    const path = `/long-term-credentials?offset=${offset}&limit=100`;
    const answer = await askInstance(doing, call, {
      method: 'GET',
      path,
      idempotent: true,
      maxBytes: LIST_BYTES,
    });
    const { auth_tokens: tokens, total } = read(doing, answer, Page, meanings);
    const before = seen.size;
    for (const token of tokens ?? []) {
      seen.add(token.token_id);
      yield token;
    }
    offset += tokens?.length ?? 0;
    if (offset >= total) return;
    if (seen.size === before) break;
  }
  throw new RekeyError('bad-answer', `${doing}: the pages do not come to an end`);
}
