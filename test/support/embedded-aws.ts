import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../lib/core/ports.ts';
import { createEmbeddedAws, type EmbeddedAwsOptions } from '../../lib/sandbox/aws/index.ts';

export interface FakeClock extends Clock {
  set(time: Date): void;
  advance(ms: number): void;
}

/** A clock that stands still. `sleep` returns at once and moves it. */
export function fakeClock(start = new Date('2030-01-01T00:00:00Z')): FakeClock {
  let time = start.getTime();
  return {
    now: () => new Date(time),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      time += ms;
    },
    set(date) {
      time = date.getTime();
    },
    advance(ms) {
      time += ms;
    },
  };
}

/** A version id, different for each `n`, the same in every run. */
export const versionId = (n: number): string =>
  `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/**
 * SDK clients for an embedded AWS: in process with its `requestHandler`, or over HTTP with its
 * `endpoint`.
 */
export function awsClients(connection: EmbeddedAwsClientOptions) {
  const config = {
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // the SDK's own retries sleep for real, and would hide what a test wants to see
    maxAttempts: 1,
    endpoint: 'http://embedded',
    ...connection,
  };
  return {
    secretsManager: new SecretsManagerClient(config),
    eventBridge: new EventBridgeClient(config),
    sqs: new SQSClient(config),
  };
}

interface EmbeddedAwsClientOptions {
  readonly requestHandler?: ReturnType<typeof createEmbeddedAws>['requestHandler'];
  readonly endpoint?: string;
  readonly region?: string;
}

/** An embedded AWS in this process with clients wired to it. */
export function embeddedAws(
  options: Partial<Omit<EmbeddedAwsOptions, 'clock'>> & { clock?: FakeClock } = {},
) {
  const clock = options.clock ?? fakeClock();
  const aws = createEmbeddedAws({ ...options, clock });
  const clients = awsClients({ requestHandler: aws.requestHandler });
  return {
    aws,
    clock,
    ...clients,
    /** A secret of this fleet with a first version `{}`. */
    createSecret: (name: string, fleet = 'acme', first = versionId(0)) =>
      createSecret(clients.secretsManager, name, fleet, first),
  };
}

/** Creates a secret tagged with the fleet, with a first version `{}`. Returns its ARN. */
export async function createSecret(
  client: SecretsManagerClient,
  name: string,
  fleet = 'acme',
  first = versionId(0),
): Promise<string> {
  const { ARN = '' } = await client.send(
    new CreateSecretCommand({
      Name: name,
      ClientRequestToken: first,
      SecretString: '{}',
      Tags: [{ Key: 'rekey:fleet', Value: fleet }],
    }),
  );
  return ARN;
}

/** All items of an asynchronous iterable. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
