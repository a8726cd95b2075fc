import {
  CreateEventBusCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { RekeyError } from '../../core/errors.ts';
import { FLEET_TAG, type Fleet } from '../../core/fleet/index.ts';
import type { SimulatedVendor } from '../vendors/index.ts';

/** SDK clients of the embedded AWS. */
export interface Clients {
  readonly secretsManager: SecretsManagerClient;
  readonly eventBridge: EventBridgeClient;
  readonly sqs: SQSClient;
}

/** The URLs of the two queues. */
export interface Setup {
  /** FIFO, one group per target: from the sweep to the workers. */
  readonly work: string;
  /** Every published event. */
  readonly history: string;
}

/**
 * Creates the resources of a deployment (the bus, the queues, the secrets of the fleet), and the
 * admin secrets that a person would fill.
 */
export async function setUp(
  { secretsManager, eventBridge, sqs }: Clients,
  fleet: Fleet,
  bus: string,
  vendors: readonly SimulatedVendor[],
): Promise<Setup> {
  await unlessThere(eventBridge.send(new CreateEventBusCommand({ Name: bus })), bus);
  const work = await createQueue(sqs, 'rekey-reconcile.fifo', { FifoQueue: 'true' });
  const history = await createQueue(sqs, 'rekey-history');
  await eventBridge.send(
    new PutRuleCommand({
      Name: 'history',
      EventBusName: bus,
      EventPattern: JSON.stringify({ source: ['rekey'] }),
    }),
  );
  await eventBridge.send(
    new PutTargetsCommand({
      Rule: 'history',
      EventBusName: bus,
      Targets: [{ Id: 'history', Arn: history.arn }],
    }),
  );
  for (const [admin, provider] of new Map(
    fleet.targets.map((target) => [target.admin, target.provider]),
  )) {
    const vendor = vendors.find((candidate) => candidate.provider === provider);
    if (!vendor) continue;
    await unlessThere(
      secretsManager.send(new CreateSecretCommand({ Name: admin, SecretString: vendor.admin })),
      admin,
    );
  }
  const Tags = [{ Key: FLEET_TAG, Value: fleet.id }];
  for (const { secret } of fleet.targets) {
    await unlessThere(secretsManager.send(new CreateSecretCommand({ Name: secret, Tags })), secret);
  }
  return { work: work.url, history: history.url };
}

/** A resource that an earlier run created is fine. */
async function unlessThere(creation: Promise<unknown>, name: string): Promise<void> {
  await creation.catch((error: unknown) => {
    const { name: kind, message } = error as Error;
    if (['ResourceExistsException', 'ResourceAlreadyExistsException'].includes(kind)) return;
    if (!message.includes('scheduled for deletion')) throw error;
    throw new RekeyError(
      'secret-missing',
      `${name} was deleted in this state; name another folder with --state`,
    );
  });
}

async function createQueue(
  sqs: SQSClient,
  name: string,
  attributes: Record<string, string> = {},
): Promise<{ url: string; arn: string }> {
  const { QueueUrl: url = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url, arn: Attributes?.QueueArn ?? '' };
}

/**
 * Takes messages off a queue one at a time until it is empty. A message whose handler throws stays.
 */
export async function drain(
  sqs: SQSClient,
  queue: string,
  handle: (body: string) => Promise<void>,
): Promise<void> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return;
    for (const { Body = '', ReceiptHandle } of Messages) {
      await handle(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
    }
  }
}
