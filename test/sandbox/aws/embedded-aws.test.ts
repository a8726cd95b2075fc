import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { awsClients, embeddedAws, versionId } from '../../support/embedded-aws.ts';

const SecretId = 'app';

async function setUp() {
  const world = embeddedAws();
  await world.createSecret(SecretId);
  const { secretsManager: client } = world;
  return {
    ...world,
    client,
    put: (n: number) =>
      client.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: versionId(n),
          SecretString: `hunter${n}`,
          VersionStages: ['new'],
        }),
      ),
    stages: async () =>
      (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages,
  };
}

describe('quotas', () => {
  test('writes and label moves share a quota of 50 a second', async () => {
    const { aws, client, put, clock } = await setUp();
    aws.quotas.enabled = true;
    const move = () =>
      client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'x',
          MoveToVersionId: versionId(0),
        }),
      );
    for (let n = 1; n <= 25; n += 1) await Promise.all([put(n), move()]);
    await expect(put(26)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(move()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await client.send(new GetSecretValueCommand({ SecretId }));
    clock.advance(20);
    await put(26);
    await expect(put(27)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  test('lists have a quota of 50 a second, and reads have their own', async () => {
    const { aws, client, stages } = await setUp();
    aws.quotas.enabled = true;
    aws.quotas.reads = 3;
    for (let n = 0; n < 50; n += 1) await client.send(new ListSecretsCommand({}));
    await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    await Promise.all([stages(), stages(), stages()]);
    await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
  });

  test('requests are throttled only while quotas are enabled', async () => {
    const { client } = await setUp();
    for (let n = 0; n < 60; n += 1) await client.send(new ListSecretsCommand({}));
  });
});

describe('faults', () => {
  test('an injected error fails the next call and not the one after it', async () => {
    const { aws, put, stages } = await setUp();
    aws.faults.next('secretsmanager.PutSecretValue', { error: 'InternalServiceError' });
    await expect(put(1)).rejects.toMatchObject({
      name: 'InternalServiceError',
      $metadata: { httpStatusCode: 500 },
    });
    expect(await stages()).not.toHaveProperty(versionId(1));
    await put(1);
  });

  test.each([
    { error: 'InternalServiceError', carriedOut: true },
    { connection: 'lost-after' },
  ] as const)('an answer can be lost after the work was done: %j', async (fault) => {
    const { aws, put, stages } = await setUp();
    aws.faults.next('secretsmanager.PutSecretValue', fault);
    await expect(put(1)).rejects.toThrow();
    expect(await stages()).toMatchObject({ [versionId(1)]: ['new'] });
  });

  test('a lost connection is visible over HTTP too', async () => {
    const { aws } = await setUp();
    const { url } = await aws.serve();
    const client = awsClients({ endpoint: url }).secretsManager;
    aws.faults.next('secretsmanager.DescribeSecret', { connection: 'lost-before' });
    await expect(client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    await client.send(new DescribeSecretCommand({ SecretId }));
    await aws.close();
  });
});

describe('calls', () => {
  test('calls are recorded with names, ids, labels and caller, without values', async () => {
    const { aws, put } = await setUp();
    aws.calls.reset();
    await put(1);
    await put(2);
    expect([
      aws.calls.count('secretsmanager.PutSecretValue'),
      aws.calls.count('events.PutEvents'),
      aws.calls.count(),
    ]).toEqual([2, 0, 2]);
    expect(aws.calls.all()[0]).toEqual({
      operation: 'secretsmanager.PutSecretValue',
      secretId: SecretId,
      versionId: versionId(1),
      labels: ['new'],
      accessKeyId: 'test',
    });
    expect(JSON.stringify(aws.calls.all())).not.toContain('hunter');
  });
});

describe('the embedded AWS over HTTP', () => {
  test('an error names the port that is in use', async () => {
    const { aws } = await setUp();
    const { url } = await aws.serve();
    const port = Number(new URL(url).port);
    await expect(aws.serve({ port })).rejects.toThrow(String(port));
    await aws.close();
  });

  test('the server listens on loopback only, and not after it was closed', async () => {
    const { aws } = await setUp();
    const { url } = await aws.serve();
    expect(new URL(url).hostname).toBe('127.0.0.1');
    await aws.close();
    await expect(fetch(url, { method: 'POST' })).rejects.toThrow();
  });

  test('a body that is too large is not read to its end', async () => {
    const { aws } = await setUp();
    const { url } = await aws.serve();
    const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(9 * 1_048_576) });
    expect(answer.status).toBe(413);
    await aws.close();
  });

  test.each([
    [
      'an unknown operation',
      { 'x-amz-target': 'secretsmanager.Nope' },
      '{}',
      'UnknownOperationException',
    ],
    [
      'an operation that every object has',
      { 'x-amz-target': 'secretsmanager.toString' },
      '{}',
      'UnknownOperationException',
    ],
    [
      'an unknown service',
      { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
      '{}',
      'UnknownOperationException',
    ],
    ['a missing target', {}, '{}', 'UnknownOperationException'],
    [
      'a body that is not JSON',
      { 'x-amz-target': 'secretsmanager.ListSecrets' },
      '{hunter2',
      'SerializationException',
    ],
    [
      'a member of the wrong type',
      { 'x-amz-target': 'secretsmanager.PutSecretValue' },
      '{"SecretId":"app","SecretString":["hunter2"]}',
      'ValidationException',
    ],
  ])(
    '%s is answered as at AWS, with a request id and without quoting the content',
    async (_what, headers, body, type) => {
      const { aws } = await setUp();
      const { url } = await aws.serve();
      const answer = await fetch(url, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body,
      });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
      const text = await answer.text();
      expect(JSON.parse(text)).toMatchObject({ __type: type });
      expect(text).not.toContain('hunter2');
      await aws.close();
    },
  );
});

test('the same random numbers give the same ids', async () => {
  const arns = await Promise.all(
    [0, 1].map(() => embeddedAws({ random: () => 0.5 }).createSecret(SecretId)),
  );
  expect(arns[0]).toBe(arns[1]);
});
