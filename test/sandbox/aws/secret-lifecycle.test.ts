import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  type GetRandomPasswordCommandInput,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { awsClients, embeddedAws, versionId } from '../../support/embedded-aws.ts';

const DAY = 86_400_000;
const SecretId = 'app';
const put = (client: SecretsManagerClient) =>
  client.send(new PutSecretValueCommand({ SecretId, SecretString: 'b' }));
const move = (client: SecretsManagerClient) =>
  client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'mine',
      MoveToVersionId: versionId(0),
    }),
  );
const remove = (client: SecretsManagerClient) => client.send(new DeleteSecretCommand({ SecretId }));

async function setUp() {
  const world = embeddedAws();
  await world.createSecret(SecretId);
  return { ...world, client: world.secretsManager };
}

describe('a secret scheduled for deletion', () => {
  test('can be described, can be neither read nor written, and keeps its name', async () => {
    const { client } = await setUp();
    const { DeletionDate } = await client.send(
      new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }),
    );
    expect(DeletionDate).toEqual(new Date('2030-01-08T00:00:00Z'));
    expect((await client.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toEqual(
      DeletionDate,
    );
    const name = 'InvalidRequestException';
    await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name,
    });
    for (const write of [put, move]) await expect(write(client)).rejects.toMatchObject({ name });
    await expect(client.send(new CreateSecretCommand({ Name: SecretId }))).rejects.toMatchObject({
      name,
    });
  });

  test('is available again after RestoreSecret', async () => {
    const { client } = await setUp();
    await client.send(new DeleteSecretCommand({ SecretId }));
    await client.send(new RestoreSecretCommand({ SecretId }));
    expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('{}');
  });

  test('is deleted when its recovery window is over', async () => {
    const { client, clock } = await setUp();
    await client.send(new DeleteSecretCommand({ SecretId }));
    clock.advance(30 * DAY);
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await client.send(new CreateSecretCommand({ Name: SecretId }));
  });

  test('is deleted at once by force, and forcing again is no error', async () => {
    const { client } = await setUp();
    const force = new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true });
    await client.send(force);
    await client.send(force);
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('keeps its name for a while after a forced deletion', async () => {
    const { client, clock } = await setUp();
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    const create = new CreateSecretCommand({ Name: SecretId });
    await expect(client.send(create)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    clock.advance(30_000);
    await client.send(create);
  });

  test.each([6, 31])('a recovery window of %i days is refused', async (RecoveryWindowInDays) => {
    const { client } = await setUp();
    await expect(
      client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

describe('replication', () => {
  test('a replica can be read and not written', async () => {
    const { aws, client } = await setUp();
    await aws.markReplica(SecretId, 'us-east-1');
    expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('{}');
    expect((await client.send(new DescribeSecretCommand({ SecretId }))).PrimaryRegion).toBe(
      'us-east-1',
    );
    for (const write of [put, move, remove]) {
      await expect(write(client)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    }
  });

  test('another region has only the read-only replicas of a secret', async () => {
    const { aws, client } = await setUp();
    const { secretsManager: away, eventBridge } = awsClients({
      requestHandler: aws.requestHandler,
      region: 'eu-west-1',
    });
    const missing = { name: 'ResourceNotFoundException' };
    await expect(away.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject(missing);
    await client.send(
      new ReplicateSecretToRegionsCommand({
        SecretId,
        AddReplicaRegions: [{ Region: 'eu-west-1' }],
      }),
    );
    const { ARN: primary } = await client.send(new DescribeSecretCommand({ SecretId }));
    const { ARN: replica, PrimaryRegion } = await away.send(
      new DescribeSecretCommand({ SecretId }),
    );
    expect([replica, PrimaryRegion]).toEqual([
      primary?.replace('eu-central-1', 'eu-west-1'),
      'eu-central-1',
    ]);
    expect((await away.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('{}');
    await expect(away.send(new GetSecretValueCommand({ SecretId: primary }))).rejects.toMatchObject(
      missing,
    );
    const force = () =>
      away.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    const tag = () =>
      away.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'a', Value: 'b' }] }));
    for (const write of [() => put(away), () => move(away), () => remove(away), force, tag]) {
      await expect(write()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    }
    await expect(away.send(new CreateSecretCommand({ Name: 'new' }))).rejects.toThrow(
      'is in eu-central-1',
    );
    await expect(
      eventBridge.send(new DescribeEventBusCommand({ Name: 'rekey' })),
    ).rejects.toMatchObject(missing);
  });

  test('a primary with replicas can be written, and deleted only after its replicas', async () => {
    const { client } = await setUp();
    await client.send(
      new ReplicateSecretToRegionsCommand({
        SecretId,
        AddReplicaRegions: [{ Region: 'eu-west-1' }],
      }),
    );
    expect(
      (await client.send(new DescribeSecretCommand({ SecretId }))).ReplicationStatus,
    ).toMatchObject([{ Region: 'eu-west-1' }]);
    await put(client);
    await expect(remove(client)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await client.send(
      new RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions: ['eu-west-1'] }),
    );
    await remove(client);
  });
});

test('tags are added, replaced and removed', async () => {
  const { client } = await setUp();
  const Tags = [
    { Key: 'rekey:fleet', Value: 'other' },
    { Key: 'owner', Value: 'me' },
  ];
  await client.send(new TagResourceCommand({ SecretId, Tags }));
  expect((await client.send(new DescribeSecretCommand({ SecretId }))).Tags).toEqual(Tags);
  await client.send(new UntagResourceCommand({ SecretId, TagKeys: ['owner'] }));
  expect((await client.send(new DescribeSecretCommand({ SecretId }))).Tags).toEqual([Tags[0]]);
});

test('BatchGetSecretValue returns values and errors together', async () => {
  const { client } = await setUp();
  const answer = await client.send(
    new BatchGetSecretValueCommand({ SecretIdList: [SecretId, 'nope'] }),
  );
  expect(answer.SecretValues).toMatchObject([{ Name: SecretId, SecretString: '{}' }]);
  expect(answer.Errors).toMatchObject([
    { SecretId: 'nope', ErrorCode: 'ResourceNotFoundException' },
  ]);
  const filtered = await client.send(
    new BatchGetSecretValueCommand({ Filters: [{ Key: 'name', Values: ['ap'] }] }),
  );
  expect(filtered.SecretValues).toHaveLength(1);
});

describe('GetRandomPassword', () => {
  const password = async (input: GetRandomPasswordCommandInput) => {
    const { client } = await setUp();
    return (await client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? '';
  };

  test('returns 32 characters that include each type', async () => {
    const text = await password({});
    expect(text).toHaveLength(32);
    for (const type of [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/]) expect(text).toMatch(type);
  });

  test('leaves out the excluded characters', async () => {
    expect(
      await password({
        PasswordLength: 200,
        ExcludePunctuation: true,
        ExcludeUppercase: true,
        ExcludeCharacters: 'abc0',
      }),
    ).toMatch(/^[d-z1-9]{200}$/);
  });
});
