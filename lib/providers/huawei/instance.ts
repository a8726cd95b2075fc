import * as z from 'zod';
import type { ProviderCall } from '../../core/provider.ts';
import type { Meanings } from '../../http/answer.ts';
import { advice, type JsonApi } from '../client/index.ts';
import { registryHost } from '../client/schemas.ts';
import { type Admin, huaweiApi, located, place, projectId } from './api.ts';

/** The parameters of an instance of SWR Enterprise Edition. */
export const InstanceParams = z.strictObject({
  ...place,
  projectId: projectId.describe('Id of the project that the instance is in.'),
  instanceId: z
    .guid('the id of an instance, a UUID')
    .describe('Id of the Enterprise Edition instance.'),
});
/**
 * One call of a provider for an instance: the parsed `InstanceParams` and the access key that signs
 * it.
 */
export type InstanceCall = ProviderCall<z.output<typeof InstanceParams>, z.output<typeof Admin>>;

/** The place of the credentials of an instance. */
export const placeOfInstance = (params: z.output<typeof InstanceParams>): readonly string[] => [
  located('{region}.{suffix}', params),
  params.projectId,
  params.instanceId.toLowerCase(),
];

const Instance = z.object({
  access_address: z
    .string()
    .transform((address) => address.replace(/^https:\/\/|\/$/g, ''))
    .pipe(registryHost.or(z.literal('')))
    .nullish(),
  status: z.string().nullish(),
});
/** A username ends at the colon of `user:password`. */
export const LoginName = z.string().regex(/^[^:\s]+$/);

const meanings: Meanings = {
  400:
    `${advice.request('Huawei Cloud', 'projectId and instanceId')}, and that the number of ` +
    'credentials is not used up',
  403:
    'the IAM user of the admin secret may not do this; grant it the actions for credentials of ' +
    'the instance, and check that it is not a federated user',
  404: advice.missing('instance', 'region, projectId and instanceId'),
};

/** The API of the instance in the params; paths begin after its id. */
export function instanceApi(vendor: string, call: InstanceCall): JsonApi {
  const { projectId, instanceId } = call.params;
  return huaweiApi(call, {
    vendor,
    base: `/v2/${projectId}/instances/${instanceId}`,
    headers: { 'x-project-id': projectId },
    meanings,
  });
}

/** The registry's host. */
export async function readyHost(api: JsonApi): Promise<string> {
  const doing = 'read the instance';
  const { access_address: host, status } = await api.get(doing, '', Instance);
  if ((status ?? 'running').toLowerCase() === 'running' && host) return host;
  throw api.error(
    'provider-failed',
    doing,
    'it is not running or has no address; wait until Huawei Cloud shows it as running',
  );
}
