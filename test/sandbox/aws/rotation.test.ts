import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import type { RotationEvent } from '../../../lib/sandbox/aws/index.ts';
import { embeddedAws, versionId } from '../../support/embedded-aws.ts';

const arn = 'arn:aws:lambda:eu-central-1:000000000000:function:rotator';
const SecretId = 'app';
const [first, token, later] = [versionId(0), versionId(1), versionId(2)];

async function setUp() {
  const world = embeddedAws();
  const { aws, secretsManager: client } = world;
  await world.createSecret(SecretId);
  const steps: string[] = [];
  /** Steps that fail. A step listed twice fails twice. */
  const failing: string[] = [];
  aws.functions.register<RotationEvent>(arn, async ({ Step, SecretId: id, ClientRequestToken }) => {
    steps.push(Step);
    const failure = failing.indexOf(Step);
    if (failure >= 0) {
      failing.splice(failure, 1);
      throw new Error('on purpose');
    }
    if (Step === 'createSecret') {
      const VersionStages = ['AWSPENDING'];
      await client.send(
        new PutSecretValueCommand({
          SecretId: id,
          ClientRequestToken,
          SecretString: 'new',
          VersionStages,
        }),
      );
    }
    if (Step === 'finishSecret') {
      const move = {
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: first,
        MoveToVersionId: ClientRequestToken,
      };
      await client.send(new UpdateSecretVersionStageCommand({ SecretId: id, ...move }));
    }
  });
  return {
    ...world,
    client,
    steps,
    failing,
    rotate: (input: Partial<RotateSecretCommand['input']> = {}) =>
      client.send(
        new RotateSecretCommand({
          SecretId,
          RotationLambdaARN: arn,
          ClientRequestToken: token,
          ...input,
        }),
      ),
    describe: () => client.send(new DescribeSecretCommand({ SecretId })),
  };
}

const all = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

test('RotateSecret is refused without a function, or with one that cannot be invoked', async () => {
  const { rotate, describe } = await setUp();
  await expect(rotate({ RotationLambdaARN: undefined })).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
  await expect(rotate({ RotationLambdaARN: `${arn}2` })).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  expect((await describe()).VersionIdsToStages).toEqual({ [first]: ['AWSCURRENT'] });
});

test('RotateSecret answers at once and then runs the four steps in order', async () => {
  const { aws, client, rotate, steps, describe, clock } = await setUp();
  expect((await rotate({ RotationRules: { AutomaticallyAfterDays: 30 } })).VersionId).toBe(token);
  await aws.idle();
  expect(steps).toEqual(all);
  expect((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('new');
  // the function has to remove AWSPENDING; like AWS's own template, this one does not
  expect(await describe()).toMatchObject({
    VersionIdsToStages: { [first]: ['AWSPREVIOUS'], [token]: ['AWSCURRENT', 'AWSPENDING'] },
    RotationEnabled: true,
    LastRotatedDate: clock.now(),
    NextRotationDate: new Date(clock.now().getTime() + 30 * 86_400_000),
  });
});

test('the pending version has no value until the function stores one', async () => {
  const { aws, client, rotate } = await setUp();
  aws.functions.register(arn, async () => {});
  await rotate();
  await aws.idle();
  const read = client.send(new GetSecretValueCommand({ SecretId, VersionId: token }));
  await expect(read).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a failed step restarts the rotation', async () => {
  const { aws, rotate, steps, failing } = await setUp();
  failing.push('testSecret', 'createSecret');
  await rotate();
  await aws.idle();
  expect(steps).toEqual(['createSecret', 'createSecret', 'setSecret', 'testSecret', ...all]);
});

test('a rotation that keeps failing leaves AWSPENDING, and the next call resumes it', async () => {
  const { aws, client, rotate, failing, describe } = await setUp();
  failing.push(...Array(4).fill('setSecret'));
  await rotate();
  await aws.idle();
  expect((await describe()).VersionIdsToStages).toEqual({
    [first]: ['AWSCURRENT'],
    [token]: ['AWSPENDING'],
  });
  await expect(rotate({ ClientRequestToken: later })).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
  await aws.idle();
  expect((await client.send(new GetSecretValueCommand({ SecretId }))).VersionId).toBe(token);
});

test('RotateSecret without immediate rotation runs only the test step', async () => {
  const { aws, rotate, steps, describe } = await setUp();
  await rotate({ RotateImmediately: false });
  await aws.idle();
  expect(steps).toEqual(['testSecret']);
  expect(await describe()).toMatchObject({
    VersionIdsToStages: { [first]: ['AWSCURRENT'] },
    RotationEnabled: true,
  });
});

test('CancelRotateSecret turns rotation off and leaves the labels as they are', async () => {
  const { aws, client, rotate, describe, failing } = await setUp();
  failing.push(...Array(4).fill('setSecret'));
  await rotate();
  await aws.idle();
  expect((await client.send(new CancelRotateSecretCommand({ SecretId }))).VersionId).toBe(token);
  expect(await describe()).toMatchObject({
    VersionIdsToStages: { [token]: ['AWSPENDING'] },
    RotationEnabled: false,
  });
});
