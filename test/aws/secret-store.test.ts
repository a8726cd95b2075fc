import {
  DeleteSecretCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import type { EmbeddedAws } from '../../lib/sandbox/aws/index.ts';
import { awsClients, createSecret, embeddedAws } from '../support/embedded-aws.ts';
import { type StoreUnderTest, testSecretStore } from '../support/secret-store.ts';

const rotator = 'arn:aws:lambda:eu-central-1:000000000000:function:rotator';

function overClient(client: SecretsManagerClient, aws: EmbeddedAws): StoreUnderTest {
  aws.functions.register(rotator, async () => {});
  return {
    store: secretsManagerStore(client),
    createSecret: (name, fleet) => createSecret(client, name, fleet),
    async tag(SecretId, Key, Value) {
      await client.send(new TagResourceCommand({ SecretId, Tags: [{ Key, Value }] }));
    },
    async scheduleDeletion(SecretId) {
      await client.send(new DeleteSecretCommand({ SecretId }));
    },
    async addEmptyVersion(SecretId, ClientRequestToken) {
      await client.send(
        new RotateSecretCommand({ SecretId, ClientRequestToken, RotationLambdaARN: rotator }),
      );
      await aws.idle();
    },
    close: () => aws.close(),
  };
}

testSecretStore('the store over the embedded AWS, in process', async () => {
  const { aws, secretsManager } = embeddedAws();
  return overClient(secretsManager, aws);
});

testSecretStore('the store over the embedded AWS, over HTTP', async () => {
  const { aws } = embeddedAws();
  const { url } = await aws.serve();
  return overClient(awsClients({ endpoint: url }).secretsManager, aws);
});
