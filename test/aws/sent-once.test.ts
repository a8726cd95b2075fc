import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import { RekeyError } from '../../lib/core/errors.ts';
import { createSecret, embeddedAws, versionId } from '../support/embedded-aws.ts';

const stage = 'secretsmanager.UpdateSecretVersionStage';

async function setUp() {
  const { aws, secretsManager } = embeddedAws();
  await createSecret(secretsManager, 'app');
  const client = new SecretsManagerClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: aws.requestHandler,
    maxAttempts: 3,
  });
  const move = (beforeSend?: () => void) =>
    secretsManagerStore(client).label('app', 'mine', { to: versionId(0) }, { beforeSend });
  return { aws, client, move };
}

test('a checked label move is sent once, even if the SDK would repeat it', async () => {
  const { aws, move } = await setUp();
  for (const fault of [
    { error: 'InternalServiceError', status: 500 },
    { error: 'ThrottlingException', status: 400 },
    { connection: 'lost-before' },
  ] as const) {
    aws.faults.next(stage, fault);
    const before = aws.calls.count(stage);
    await expect(move(() => {})).rejects.toMatchObject({ code: 'aws-failed' });
    expect(aws.calls.count(stage) - before).toBeLessThanOrEqual(1);
  }
  expect(await move(() => {})).toBe(true);
});

test('a label move without a check is repeated by the SDK', async () => {
  const { aws, move } = await setUp();
  aws.faults.next(stage, { error: 'InternalServiceError', status: 500 });
  expect(await move()).toBe(true);
  expect(aws.calls.count(stage)).toBe(2);
});

test('a check that throws stops the request, and the call fails with its error', async () => {
  const { aws, move } = await setUp();
  const late = new RekeyError('unproven', 'too late');
  await expect(
    move(() => {
      throw late;
    }),
  ).rejects.toBe(late);
  expect(aws.calls.count(stage)).toBe(0);
});

test('the check runs after signing, so a request delayed by 5 minutes becomes void', async () => {
  const { client, move } = await setUp();
  const order: string[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      order.push(headers.authorization ? 'signed' : 'not signed');
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'watch' },
  );
  await move(() => void order.push('checked'));
  expect(order).toEqual(['signed', 'checked']);
});
