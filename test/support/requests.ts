import { paginateListSecrets } from '@aws-sdk/client-secrets-manager';
import type { Call } from '../../lib/sandbox/aws/index.ts';
import type { Deployment } from './deployment.ts';
import type { Context, Request } from './iam.ts';
import { ACCOUNT, REGION } from './lambda.ts';

interface Named {
  readonly arn: string;
  readonly context: Context;
}

export interface Seen extends Request {
  /** True if the secret no longer existed. */
  readonly gone: boolean;
}

/**
 * The permissions that IAM would have checked for each call of a function. The access key id is the
 * function's name.
 */
export async function requestsOf(
  { sandbox, clients }: Deployment,
  name: string,
): Promise<readonly Seen[]> {
  const secrets = new Map<string, Named>();
  for await (const { SecretList = [] } of paginateListSecrets(
    { client: clients.secretsManager },
    { IncludePlannedDeletion: true },
  )) {
    for (const { ARN: arn = '', Name = '', Tags = [] } of SecretList) {
      const context = Object.fromEntries(
        Tags.map(({ Key, Value = '' }) => [`aws:ResourceTag/${Key}`, Value]),
      );
      for (const known of [arn, Name]) secrets.set(known, { arn, context });
    }
  }
  const calls = sandbox.aws.calls.all().filter(({ accessKeyId }) => accessKeyId === name);
  return calls.map((call) => requestOf(call, secrets));
}

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const lastPart = (address: string) => address.split(/[/:]/).at(-1) ?? '';

function requestOf(
  { operation, secretId, bus, queueUrl, labels = [], sources = [] }: Call,
  secrets: ReadonlyMap<string, Named>,
): Seen {
  const [service = '', name = ''] = operation.split('.');
  // a batch needs the permission of the single call
  const batch = /^((?:Send|Delete)Message|ChangeMessageVisibility)Batch$/;
  const action = `${service}:${name.replace(batch, '$1')}`;
  const plain = (resource: string): Seen => ({ action, resource, context: {}, gone: false });
  if (queueUrl) return plain(arn('sqs', lastPart(queueUrl)));
  if (bus)
    return {
      ...plain(arn('events', `event-bus/${lastPart(bus)}`)),
      context: { 'events:source': sources },
    };
  const stages = labels.length > 0 && { 'secretsmanager:VersionStage': labels };
  if (!secretId) return plain('*');
  const secret = secrets.get(secretId);
  if (secret) return { ...plain(secret.arn), context: { ...secret.context, ...stages } };
  // the six random characters of a missing secret are unknown: IAM checks the name as it was given
  return {
    ...plain(secretId.startsWith('arn:') ? secretId : arn('secretsmanager', `secret:${secretId}`)),
    gone: true,
  };
}
