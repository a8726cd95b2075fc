import * as z from 'zod';
import type { ProviderCall } from '../../core/provider.ts';
import type { Meanings } from '../../http/answer.ts';
import { advice, type JsonApi, jsonApi } from '../client/index.ts';
import { secretLike } from '../client/schemas.ts';
import { meaningOf } from './answer.ts';
import { type AccessKey, sign } from './sign.ts';

/**
 * The access key that signs rekey's own calls, of a user or of an agency (with its security token).
 */
export const Admin = z.strictObject({
  accessKey: secretLike(/^[A-Za-z0-9]{1,128}$/, 'an access key id: letters and digits'),
  secretKey: secretLike(/^[\x21-\x7e]{1,128}$/, 'text without spaces'),
  securityToken: secretLike(/^[\x21-\x7e]{1,8192}$/, 'text without spaces').optional(),
});

const idOf = (what: string) =>
  z.string(`the id of ${what}`).regex(/^[0-9a-f]{32}$/, `the id of ${what}: 32 hex digits`);
/** The schema of a project's id: 32 hex digits in lower case, as in the header `X-Project-Id`. */
export const projectId = idOf('a project');
/** The schema of an IAM user's id: 32 hex digits in lower case, `user_id` in IAM's API. */
export const userId = idOf('a user');
/**
 * The schema of an account's id: 32 hex digits in lower case. Huawei Cloud also calls an account a
 * domain: it is sent as `X-Domain-Id`.
 */
export const domainId = idOf('an account');
/**
 * The schema of a project's name. An access key logs in at SWR as `<project name>@<access key id>`.
 */
export const projectName = z
  .string('the name of a project')
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a project, such as ap-southeast-3');

/** Parameters that locate a service in the cloud. */
export const place = {
  region: z
    .string('a region')
    .regex(/^[a-z]{2}(?:-[a-z0-9]{1,20}){1,3}$/, 'a region such as ap-southeast-3')
    .describe('Region, such as ap-southeast-3.'),
  suffix: z
    .string('a domain')
    .regex(/^(?:[a-z0-9][a-z0-9-]{0,62}\.){1,5}[a-z]{2,63}$/, 'a domain such as myhuaweicloud.com')
    .optional()
    .describe('Domain of the cloud. Default: myhuaweicloud.com, for eu-west-101 myhuaweicloud.eu.'),
};

interface Place {
  readonly region: string;
  readonly suffix?: string | undefined;
}

/**
 * SWR's own hosts, of the basic edition and of instances. The rest of the domain is left out:
 * customers have hosts there too (`*.obs.*`).
 */
export const realms = ['myhuaweicloud.com', 'myhuaweicloud.eu'].flatMap((domain) => [
  `swr.*.${domain}`,
  `swr-api.*.${domain}`,
  `.swr-pro.${domain}`,
  `.swr-pro.*.${domain}`,
]);

/** Fills in `{region}` and `{suffix}` of an address. One from the wiring has neither. */
export function located(address: string, { region, suffix }: Place): string {
  const domain = suffix ?? (region === 'eu-west-101' ? 'myhuaweicloud.eu' : 'myhuaweicloud.com');
  return address.replace('{region}', region).replace('{suffix}', domain);
}

interface Options {
  /** The provider's name. */
  readonly vendor: string;
  /** Appended to the endpoint. */
  readonly base?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly meanings: Meanings;
}

const refusedKey: Meanings = {
  401: advice.admin('Huawei Cloud', 'access key', 'accessKey and secretKey'),
};

/** One of Huawei Cloud's APIs. Each request is signed with all of these headers. */
export const huaweiApi = (
  call: ProviderCall<Place, AccessKey>,
  { vendor, base = '', headers, meanings }: Options,
): JsonApi =>
  jsonApi(call, {
    vendor,
    endpoint: `${located(call.endpoint, call.params)}${base}`,
    meanings: { ...refusedKey, ...meanings },
    meaningOf,
    headers: ({ method, url, body }) =>
      sign(
        { method, url, body, headers: { 'content-type': 'application/json', ...headers } },
        call.admin,
        call.now(),
      ),
  });
