import * as z from 'zod';
import type { HttpAnswer } from '../../core/ports.ts';
import type { ProviderCall } from '../../core/provider.ts';
import { Secret } from '../../core/secret.ts';
import { type Question, send } from '../common.ts';
import type { AccessKey } from './sign.ts';
import { sign } from './sign.ts';

const secret = (pattern: RegExp, expected: string) =>
  z
    .string('text')
    .trim()
    .regex(pattern, expected)
    .transform((value) => new Secret(value));

/**
 * The access key that signs rekey's own calls, of a user or of an agency (with its security token).
 */
export const Admin = z.strictObject({
  accessKey: secret(/^[A-Za-z0-9]{1,128}$/, 'an access key id: letters and digits'),
  secretKey: secret(/^[\x21-\x7e]{1,128}$/, 'text without spaces'),
  securityToken: secret(/^[\x21-\x7e]{1,8192}$/, 'text without spaces').optional(),
});

const hex32 = /^[0-9a-f]{32}$/;
export const projectId = z
  .string('the id of a project')
  .regex(hex32, 'the id of a project: 32 hex digits');
export const userId = z.string('the id of a user').regex(hex32, 'the id of a user: 32 hex digits');
export const domainId = z
  .string('the id of an account')
  .regex(hex32, 'the id of an account: 32 hex digits');
export const projectName = z
  .string('the name of a project')
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'the name of a project, such as ap-southeast-3');

/** Parameters that say where in the cloud it is. */
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
 * Where SWR's own hosts are: of the basic edition, of instances. Not the whole domain, where
 * customers have hosts too (`*.obs.*`).
 */
export const realms = ['myhuaweicloud.com', 'myhuaweicloud.eu'].flatMap((domain) => [
  `swr.*.${domain}`,
  `swr-api.*.${domain}`,
  `.swr-pro.${domain}`,
  `.swr-pro.*.${domain}`,
]);

/** An address with `{region}` and `{suffix}` filled in. One that the wiring gives has neither. */
export function located(address: string, { region, suffix }: Place): string {
  const domain = suffix ?? (region === 'eu-west-101' ? 'myhuaweicloud.eu' : 'myhuaweicloud.com');
  return address.replace('{region}', region).replace('{suffix}', domain);
}

/** Asks one of Huawei Cloud's APIs, signed. The headers of the question are signed too. */
export function ask(
  doing: string,
  call: ProviderCall<Place, AccessKey>,
  question: Question,
): Promise<HttpAnswer> {
  const endpoint = located(call.endpoint, call.params);
  const { method, path, body } = question;
  const unsigned = { 'content-type': 'application/json', ...question.headers };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = sign(
    { method, url: `${endpoint}${path}`, headers: unsigned, body: text },
    call.admin,
    call.now(),
  );
  return send(doing, { ...call, endpoint }, { ...question, headers });
}
