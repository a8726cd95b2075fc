import * as z from 'zod';
import { RekeyError } from '../../core/errors.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import type { ProviderCall } from '../../core/provider.ts';
import type { Meanings } from '../../http/answer.ts';
import type { Question } from '../common.ts';
import { read } from './answer.ts';
import { type Admin, ask, located, place, projectId } from './api.ts';

/** Which instance of SWR Enterprise Edition. */
export const InstanceParams = z.strictObject({
  ...place,
  projectId: projectId.describe('Id of the project that the instance is in.'),
  instanceId: z
    .guid('the id of an instance, a UUID')
    .describe('Id of the Enterprise Edition instance.'),
});
export type InstanceCall = ProviderCall<z.output<typeof InstanceParams>, z.output<typeof Admin>>;

/** Where the credentials of an instance live. */
export const placeOfInstance = (params: z.output<typeof InstanceParams>): readonly string[] => [
  located('{region}.{suffix}', params),
  params.projectId,
  params.instanceId.toLowerCase(),
];

const Instance = z.object({ access_address: z.string().nullish(), status: z.string().nullish() });
/** A user name goes before the colon of `user:password`. */
export const LoginName = z.string().regex(/^[^:\s]+$/);

export const meanings: Meanings = {
  400: [
    'rejected',
    'Huawei Cloud does not take the request; check projectId and instanceId in the params of the fleet file, and that the number of credentials is not used up',
  ],
  401: [
    'admin-refused',
    'Huawei Cloud refuses the access key; put a valid accessKey and secretKey into the admin secret',
  ],
  403: [
    'forbidden',
    'the IAM user of the admin secret may not do this; grant it the actions for credentials of the instance, and see that it is no federated user',
  ],
  404: [
    'not-found',
    'there is no such instance; check region, projectId and instanceId in the params of the fleet file',
  ],
  409: ['conflict', 'the name is taken; the next attempt takes another one'],
  429: [
    'throttled',
    'too many calls with the access key of the admin secret; rekey waits and tries again',
  ],
};

/** Asks about the instance of the params; `path` begins after its id. */
export function askInstance(
  doing: string,
  call: InstanceCall,
  question: Question,
): Promise<HttpAnswer> {
  const { projectId, instanceId } = call.params;
  const path = `/v2/${projectId}/instances/${instanceId}${question.path}`;
  return ask(doing, call, { ...question, path, headers: { 'x-project-id': projectId } });
}

/** The registry's host. */
export async function readyHost(provider: string, call: InstanceCall): Promise<string> {
  const doing = `${provider}: read the instance`;
  const answer = await askInstance(doing, call, { method: 'GET', path: '', idempotent: true });
  const { access_address: address, status } = read(doing, answer, Instance, meanings);
  const running = (status ?? 'running').toLowerCase() === 'running';
  if (!running || !address) {
    throw new RekeyError(
      'provider-failed',
      `${doing}: it is not running or has no address; wait until Huawei Cloud shows it as running`,
    );
  }
  const host = address.replace(/^https:\/\/|\/$/g, '');
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(host))
    throw new RekeyError('bad-answer', `${doing}: its address is not a host`);
  return host;
}
