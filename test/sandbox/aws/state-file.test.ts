import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateEventBusCommand,
  ListRulesCommand,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { embeddedAws, versionId } from '../../support/embedded-aws.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'embedded-aws-'));
  file = join(directory, 'state.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('secrets, rules and queues survive a restart', async () => {
  const before = embeddedAws({ file });
  const arn = await before.createSecret('app');
  const put = {
    SecretId: 'app',
    ClientRequestToken: versionId(1),
    SecretString: 'new',
    VersionStages: ['AWSPENDING'],
  };
  await before.secretsManager.send(new PutSecretValueCommand(put));
  await before.eventBridge.send(new CreateEventBusCommand({ Name: 'rekey' }));
  await before.eventBridge.send(
    new PutRuleCommand({
      Name: 'mine',
      EventBusName: 'rekey',
      EventPattern: '{"source":["rekey"]}',
    }),
  );
  await before.sqs.send(
    new CreateQueueCommand({ QueueName: 'work.fifo', Attributes: { FifoQueue: 'true' } }),
  );

  // not closed first: an answered request must already be on disk
  const after = embeddedAws({ file });
  expect(
    await after.secretsManager.send(new DescribeSecretCommand({ SecretId: 'app' })),
  ).toMatchObject({
    ARN: arn,
    VersionIdsToStages: { [versionId(0)]: ['AWSCURRENT'], [versionId(1)]: ['AWSPENDING'] },
  });
  const read = new GetSecretValueCommand({ SecretId: arn, VersionId: versionId(1) });
  expect((await after.secretsManager.send(read)).SecretString).toBe('new');
  expect(
    (await after.eventBridge.send(new ListRulesCommand({ EventBusName: 'rekey' }))).Rules,
  ).toHaveLength(1);
  expect(
    (await after.sqs.send(new GetQueueUrlCommand({ QueueName: 'work.fifo' }))).QueueUrl,
  ).toContain('work.fifo');
});

test('only the owner can read the state file, and no temporary file is left', async () => {
  const { createSecret } = embeddedAws({ file });
  await Promise.all(Array.from({ length: 10 }, (_, n) => createSecret(`app/${n}`)));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['state.json']);
  expect(JSON.parse(readFileSync(file, 'utf8')).secrets).toHaveLength(10);
});

test('a file with other content is refused by name, without showing the content', () => {
  writeFileSync(file, '{"password":"hunter2"}');
  expect(() => embeddedAws({ file })).toThrow(
    `${file} is not a state file of the embedded AWS; move it away or name another file`,
  );
});

test('a change that cannot be written fails, and the next one is written', async () => {
  const { createSecret } = embeddedAws({ file: join(directory, 'none', 'state.json') });
  await expect(createSecret('app')).rejects.toThrow();
  await expect(createSecret('app2')).rejects.toThrow();
});

test('without a state file nothing is written', async () => {
  await embeddedAws().createSecret('app');
  expect(readdirSync(directory)).toEqual([]);
});
