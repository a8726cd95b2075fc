import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InternalServiceError,
  InvalidParameterException,
  InvalidRequestException,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import { Secret } from '../../lib/core/secret.ts';
import { collect, createSecret, embeddedAws, versionId } from '../support/embedded-aws.ts';

const failure = (name: string, $fault: 'client' | 'server' = 'client') =>
  new SecretsManagerServiceException({ name, $fault, message: 'what AWS says', $metadata: {} });
const of = { $metadata: {}, message: 'what AWS says' };

const outages: [string, Error][] = [
  ['throttling', failure('ThrottlingException')],
  ['a failure of the service', new InternalServiceError(of)],
  ['a lost connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ['a timeout', Object.assign(new Error('socket'), { name: 'TimeoutError' })],
  ['an expired token', failure('ExpiredTokenException')],
];

const calls = (
  store: ReturnType<typeof secretsManagerStore>,
): [string, () => Promise<unknown>][] => [
  ['ListSecrets', () => collect(store.list('acme'))],
  ['DescribeSecret', () => store.describe('app')],
  ['GetSecretValue', () => store.read('app')],
  ['PutSecretValue', () => store.put('app', versionId(1), new Secret('hunter2'), ['AWSPENDING'])],
  ['UpdateSecretVersionStage', () => store.label('app', 'mine', { to: versionId(1) })],
];

function setUp() {
  const client = new SecretsManagerClient({ region: 'eu-central-1' });
  return { mock: mockClient(client), store: secretsManagerStore(client) };
}

describe('errors of the secret store', () => {
  test.each(outages)(
    '%s throws aws-failed, with the AWS error as the cause and not in the message',
    async (_what, error) => {
      const { mock, store } = setUp();
      mock.onAnyCommand().rejects(error);
      for (const [operation, call] of calls(store)) {
        const caught = await call().catch((reason: unknown) => reason);
        expect(caught).toMatchObject({ code: 'aws-failed', retryable: true, cause: error });
        expect(String(caught)).toContain(operation);
        expect(String(caught)).not.toMatch(/what AWS says|hunter2/);
      }
    },
  );

  test('the secret store throws forbidden for a missing right, and names the call', async () => {
    const { mock, store } = setUp();
    mock.onAnyCommand().rejects(failure('AccessDeniedException'));
    for (const [operation, call] of calls(store)) {
      const caught = await call().catch((reason: unknown) => reason);
      expect(caught).toMatchObject({ code: 'forbidden', retryable: false });
      expect(String(caught)).toContain(
        operation === 'ListSecrets' ? operation : `${operation} of app`,
      );
    }
  });

  test('the secret store rethrows a programming error unchanged', async () => {
    const { mock, store } = setUp();
    mock.onAnyCommand().rejects(new TypeError('a bug'));
    for (const [, call] of calls(store)) await expect(call()).rejects.toThrow(TypeError);
  });
});

describe('an exception with several causes', () => {
  test('a label refused while still in its place is an error, not a lost race', async () => {
    const { mock, store } = setUp();
    mock.on(UpdateSecretVersionStageCommand).rejects(new InvalidParameterException(of));
    mock
      .on(DescribeSecretCommand)
      .resolves({ ARN: 'arn', Name: 'app', VersionIdsToStages: { [versionId(0)]: ['mine'] } });
    await expect(store.label('app', 'mine', { from: versionId(0) })).rejects.toMatchObject({
      code: 'aws-failed',
    });
    expect(await store.label('app', 'mine', { from: versionId(1) })).toBe(false);
  });

  test('a write refused for a secret that still exists throws forbidden', async () => {
    const { mock, store } = setUp();
    mock.on(PutSecretValueCommand).rejects(new InvalidRequestException(of));
    mock.on(DescribeSecretCommand).resolves({ ARN: 'arn', Name: 'app' });
    await expect(
      store.put('app', versionId(1), new Secret('a'), ['AWSPENDING']),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('a read refused for a secret that still exists is not an absent value', async () => {
    const { mock, store } = setUp();
    mock.on(GetSecretValueCommand).rejects(new InvalidRequestException(of));
    mock.on(DescribeSecretCommand).resolves({ ARN: 'arn', Name: 'app' });
    await expect(store.read('app')).rejects.toMatchObject({ code: 'aws-failed' });
  });

  test('if describing the secret fails too, the secret store throws that error', async () => {
    const { mock, store } = setUp();
    mock.on(UpdateSecretVersionStageCommand).rejects(new InvalidParameterException(of));
    mock.on(DescribeSecretCommand).rejects(failure('ThrottlingException'));
    await expect(store.label('app', 'mine', { from: versionId(0) })).rejects.toMatchObject({
      code: 'aws-failed',
    });
  });
});

test('the secret store throws forbidden for a write to a replica', async () => {
  const { aws, secretsManager } = embeddedAws();
  await createSecret(secretsManager, 'app');
  await aws.markReplica('app', 'us-east-1');
  const store = secretsManagerStore(secretsManager);
  await expect(
    store.put('app', versionId(1), new Secret('a'), ['AWSPENDING']),
  ).rejects.toMatchObject({ code: 'forbidden' });
  await expect(store.label('app', 'mine', { to: versionId(0) })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test.each([
  [0, 1],
  [100, 1],
  [101, 2],
  [250, 3],
])('listing %i secrets takes %i calls', async (count, expected) => {
  const { aws, secretsManager } = embeddedAws();
  for (let n = 0; n < count; n += 1) await createSecret(secretsManager, `app/${n}`);
  await createSecret(secretsManager, 'other', 'other');
  expect(await collect(secretsManagerStore(secretsManager).list('acme'))).toHaveLength(count);
  expect(aws.calls.count('secretsmanager.ListSecrets')).toBe(expected);
});

test('a successful read takes one request', async () => {
  const { aws, secretsManager } = embeddedAws();
  await createSecret(secretsManager, 'app');
  aws.calls.reset();
  const store = secretsManagerStore(secretsManager);
  await store.put('app', versionId(1), new Secret('a'), ['AWSPENDING']);
  await store.label('app', 'AWSPENDING', { from: versionId(1), to: versionId(0) });
  await store.read('app', versionId(1));
  await store.describe('app');
  expect(aws.calls.count()).toBe(4);
});

test('the secret store reads a binary value as text', async () => {
  const { mock, store } = setUp();
  mock.on(GetSecretValueCommand).resolves({ SecretBinary: Buffer.from('{"a":"ä"}') });
  mock.on(ListSecretsCommand).resolves({});
  expect((await store.read('app'))?.reveal()).toBe('{"a":"ä"}');
  expect(await collect(store.list('acme'))).toEqual([]);
});
