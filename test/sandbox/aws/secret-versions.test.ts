import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { embeddedAws, versionId } from '../../support/embedded-aws.ts';

const [first, second, third] = [versionId(0), versionId(1), versionId(2)];
const HOUR = 3_600_000;

async function setUp() {
  const world = embeddedAws();
  const { secretsManager: client } = world;
  await world.createSecret('app');
  return {
    ...world,
    client,
    put: (ClientRequestToken: string, SecretString: string, VersionStages?: string[]) =>
      client.send(
        new PutSecretValueCommand({
          SecretId: 'app',
          ClientRequestToken,
          SecretString,
          VersionStages,
        }),
      ),
    move: (VersionStage: string, RemoveFromVersionId?: string, MoveToVersionId?: string) =>
      client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: 'app',
          VersionStage,
          RemoveFromVersionId,
          MoveToVersionId,
        }),
      ),
    get: (VersionId?: string, VersionStage?: string) =>
      client.send(new GetSecretValueCommand({ SecretId: 'app', VersionId, VersionStage })),
    stages: async () =>
      (await client.send(new DescribeSecretCommand({ SecretId: 'app' }))).VersionIdsToStages,
  };
}

describe('CreateSecret', () => {
  test('a repeat of a token succeeds with the same content and fails with other', async () => {
    const { client } = await setUp();
    const create = (SecretString: string, ClientRequestToken = second) =>
      client.send(new CreateSecretCommand({ Name: 'twice', ClientRequestToken, SecretString }));
    const { ARN } = await create('a');
    expect((await create('a')).ARN).toBe(ARN);
    await expect(create('b')).rejects.toMatchObject({ name: 'ResourceExistsException' });
    await expect(create('a', third)).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('the first version of a secret gets AWSCURRENT in addition to its labels', async () => {
    const { client } = await setUp();
    await client.send(new CreateSecretCommand({ Name: 'empty' }));
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'empty' }));
    expect(described.VersionIdsToStages).toBeUndefined();
    const VersionStages = ['AWSPENDING'];
    const put = await client.send(
      new PutSecretValueCommand({
        SecretId: 'empty',
        ClientRequestToken: first,
        SecretString: 'a',
        VersionStages,
      }),
    );
    expect(put.VersionStages).toEqual(['AWSCURRENT', 'AWSPENDING']);
  });

  test.each([
    ['a space', 'a b'],
    ['a star', 'a*b'],
    ['an accented letter', 'ä'],
  ])('a secret name with %s is refused', async (_what, Name) => {
    const { client } = await setUp();
    await expect(
      client.send(new CreateSecretCommand({ Name, SecretString: 'a' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('a secret name may have 512 characters, and every documented one', async () => {
    const { client } = await setUp();
    const create = (Name: string) =>
      client.send(new CreateSecretCommand({ Name, SecretString: 'a' }));
    expect((await create('aZ09/_+=.@-')).ARN).toMatch(/:secret:aZ09\/_\+=\.@--[A-Za-z0-9]{6}$/);
    await create('x'.repeat(512));
    await expect(create('x'.repeat(513))).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('PutSecretValue', () => {
  test('without VersionStages, AWSCURRENT and AWSPREVIOUS move and other labels stay', async () => {
    const { put, move, stages } = await setUp();
    await move('mine', undefined, first);
    await put(second, 'b');
    expect(await stages()).toEqual({ [first]: ['AWSPREVIOUS', 'mine'], [second]: ['AWSCURRENT'] });
    await put(third, 'c');
    expect(await stages()).toEqual({
      [first]: ['mine'],
      [second]: ['AWSPREVIOUS'],
      [third]: ['AWSCURRENT'],
    });
  });

  test.each([
    ['31', 31, 'InvalidParameterException'],
    ['65', 65, 'InvalidParameterException'],
  ])('a token of %s characters is refused', async (_what, length, name) => {
    const { put } = await setUp();
    await expect(put('t'.repeat(length), 'b')).rejects.toMatchObject({ name });
  });

  test.each([32, 64])('a token of %i characters is accepted', async (length) => {
    const { put } = await setUp();
    expect((await put('t'.repeat(length), 'b')).VersionId).toBe('t'.repeat(length));
  });

  test('a request without a token, as only a client without an SDK sends, is refused', async () => {
    const { aws } = await setUp();
    const headers = { 'x-amz-target': 'secretsmanager.PutSecretValue' };
    const answer = await aws.handle({
      headers,
      body: '{"SecretId":"app","SecretString":"b"}',
      origin: '',
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ __type: 'InvalidRequestException' });
  });

  test('a value may have 65,536 bytes of UTF-8, and a label 256 characters', async () => {
    const { put } = await setUp();
    await put(second, 'ä'.repeat(32_768), ['x'.repeat(256)]);
    await expect(put(third, 'ä'.repeat(32_769), ['y'])).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(put(third, 'c', ['y'.repeat(257)])).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('a value is required, as text or as bytes', async () => {
    const { client } = await setUp();
    const put = (value: { SecretString?: string; SecretBinary?: Uint8Array }) =>
      client.send(new PutSecretValueCommand({ SecretId: 'app', ...value }));
    await expect(put({})).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(put({ SecretString: 'a', SecretBinary: Buffer.from('a') })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await put({ SecretBinary: Buffer.from([0, 255]) });
    const { SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: 'app' }));
    expect([...(SecretBinary ?? [])]).toEqual([0, 255]);
  });

  test('at 100 versions, unlabeled ones make room unless they are younger than a day', async () => {
    const { put, clock, get } = await setUp();
    for (let n = 1; n < 100; n += 1) await put(versionId(n), 'b', ['AWSPENDING']);
    await expect(put(versionId(100), 'b', ['AWSPENDING'])).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    clock.advance(24 * HOUR);
    await put(versionId(100), 'b', ['AWSPENDING']);
    await expect(get(versionId(1))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await get(versionId(2))).SecretString).toBe('b');
    expect((await get(first)).SecretString).toBe('{}');
  });
});

describe('UpdateSecretVersionStage', () => {
  test.each([
    [
      'moving without RemoveFromVersionId',
      ['AWSPENDING', undefined, first],
      'InvalidParameterException',
    ],
    ['moving from the wrong version', ['AWSPENDING', first, third], 'InvalidParameterException'],
    [
      'moving a label that is on no version',
      ['nowhere', first, second],
      'InvalidParameterException',
    ],
    [
      'removing from the wrong version',
      ['AWSPENDING', first, undefined],
      'InvalidParameterException',
    ],
    ['removing AWSCURRENT', ['AWSCURRENT', first, undefined], 'InvalidParameterException'],
    ['passing no version', ['AWSPENDING', undefined, undefined], 'InvalidParameterException'],
    [
      'moving to an unknown version',
      ['AWSPENDING', second, versionId(9)],
      'ResourceNotFoundException',
    ],
    [
      'moving from an unknown version',
      ['AWSPENDING', versionId(9), first],
      'ResourceNotFoundException',
    ],
    ['a label of 257 characters', ['x'.repeat(257), undefined, first], 'ValidationException'],
  ] as const)('%s fails and changes nothing', async (_what, [label, from, to], name) => {
    const { put, move, stages } = await setUp();
    await put(second, 'b', ['AWSPENDING']);
    await put(third, 'c', ['mine']);
    const before = await stages();
    await expect(move(label, from, to)).rejects.toMatchObject({ name });
    expect(await stages()).toEqual(before);
  });

  test('moving AWSCURRENT moves AWSPREVIOUS to the version that AWSCURRENT left', async () => {
    const { put, move, stages, get } = await setUp();
    await put(second, 'b');
    await put(third, 'c', ['AWSPENDING']);
    await move('AWSCURRENT', second, third);
    expect(await stages()).toEqual({
      [second]: ['AWSPREVIOUS'],
      [third]: ['AWSCURRENT', 'AWSPENDING'],
    });
    expect((await get()).SecretString).toBe('c');
  });

  test('the label quota counts the AWSPREVIOUS that moves with AWSCURRENT', async () => {
    const { put, move } = await setUp();
    await put(
      second,
      'b',
      Array.from({ length: 19 }, (_, n) => `label-${n}`),
    );
    await expect(move('AWSCURRENT', first, second)).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
  });
});

describe('GetSecretValue', () => {
  test('a version and a stage that do not match are refused', async () => {
    const { put, get } = await setUp();
    await put(second, 'b', ['AWSPENDING']);
    expect((await get(second, 'AWSPENDING')).SecretString).toBe('b');
    await expect(get(second, 'AWSCURRENT')).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });

  test('an unknown secret, version or stage is not found', async () => {
    const { get, client } = await setUp();
    const name = 'ResourceNotFoundException';
    await expect(get(third)).rejects.toMatchObject({ name });
    await expect(get(undefined, 'nowhere')).rejects.toMatchObject({ name });
    await expect(
      client.send(new GetSecretValueCommand({ SecretId: 'nope' })),
    ).rejects.toMatchObject({ name });
  });

  test('a secret is found by its ARN, with or without the suffix', async () => {
    const { client } = await setUp();
    const { ARN = '' } = await client.send(new DescribeSecretCommand({ SecretId: 'app' }));
    for (const SecretId of [ARN, ARN.slice(0, -7)]) {
      expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('{}');
    }
  });
});

test('ListSecretVersionIds pages, and lists versions without a label only on request', async () => {
  const { put, client } = await setUp();
  for (let n = 1; n < 5; n += 1) await put(versionId(n), 'b', ['AWSPENDING']);
  const list = (IncludeDeprecated: boolean, MaxResults?: number, NextToken?: string) =>
    client.send(
      new ListSecretVersionIdsCommand({
        SecretId: 'app',
        IncludeDeprecated,
        MaxResults,
        NextToken,
      }),
    );
  const ids = (answer: Awaited<ReturnType<typeof list>>) =>
    answer.Versions?.map(({ VersionId }) => VersionId);
  expect(ids(await list(false))).toEqual([first, versionId(4)]);
  const page = await list(true, 3);
  expect(ids(page)).toEqual([first, second, third]);
  const rest = await list(true, 3, page.NextToken);
  expect([ids(rest), rest.NextToken]).toEqual([[versionId(3), versionId(4)], undefined]);
});

test('UpdateSecret changes the description, or the value as a new current version', async () => {
  const { client, stages } = await setUp();
  const described = await client.send(
    new UpdateSecretCommand({ SecretId: 'app', Description: 'mine' }),
  );
  expect(described.VersionId).toBeUndefined();
  await client.send(
    new UpdateSecretCommand({ SecretId: 'app', ClientRequestToken: second, SecretString: 'b' }),
  );
  expect(await stages()).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
});
