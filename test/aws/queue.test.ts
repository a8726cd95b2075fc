import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { sqsQueue } from '../../lib/aws/queue.ts';
import { embeddedAws } from '../support/embedded-aws.ts';

const messages = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    group: `target-${n}`,
    deduplicationId: `id-${n}`,
    body: `{"n":${n}}`,
  }));

async function setUp() {
  const { aws, sqs } = embeddedAws();
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'work.fifo', Attributes: { FifoQueue: 'true' } }),
  );
  const receive = async () => {
    const all: { body: string | undefined; group: string | undefined }[] = [];
    for (;;) {
      const more = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }));
      if (Messages.length === 0) return all;
      all.push(
        ...Messages.map(({ Body, Attributes }) => ({
          body: Body,
          group: Attributes?.MessageGroupId,
        })),
      );
    }
  };
  return { aws, receive, queue: sqsQueue(sqs, QueueUrl) };
}

test('the queue sends messages in batches of ten, each in its own group', async () => {
  const { aws, queue, receive } = await setUp();
  await queue.send(messages(23));
  expect(aws.calls.count('sqs.SendMessageBatch')).toBe(3);
  expect(await receive()).toEqual(messages(23).map(({ group, body }) => ({ group, body })));
});

test('the queue drops a repeated message', async () => {
  const { queue, receive } = await setUp();
  await queue.send(messages(2));
  await queue.send(messages(2));
  expect(await receive()).toHaveLength(2);
});

// the embedded queue does not keep X-Ray's header
test('the queue sends the X-Ray trace header with a message', async () => {
  const sqs = mockClient(SQSClient).on(SendMessageBatchCommand).resolves({});
  const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  await sqsQueue(new SQSClient({}), 'https://sqs/work.fifo').send(messages(12), trace);
  const entries = sqs
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? []);
  const headers = entries.map(
    ({ MessageSystemAttributes }) => MessageSystemAttributes?.AWSTraceHeader?.StringValue,
  );
  sqs.restore();
  expect(headers).toEqual(Array(12).fill(trace));
});

test('the queue makes no call for no messages', async () => {
  const { aws, queue } = await setUp();
  await queue.send([]);
  expect(aws.calls.count('sqs.SendMessageBatch')).toBe(0);
});

test('the queue throws aws-failed for a rejected message after it sent the others', async () => {
  const { aws, queue, receive } = await setUp();
  aws.faults.next('sqs.SendMessageBatch', { failedEntries: [3] });
  await expect(queue.send(messages(12))).rejects.toMatchObject({
    code: 'aws-failed',
    message: expect.stringContaining('target-3'),
  });
  expect(await receive()).toHaveLength(11);
});

test('the queue throws aws-failed if a whole call fails', async () => {
  const { aws, queue } = await setUp();
  aws.faults.next('sqs.SendMessageBatch', { error: 'ServiceUnavailable' });
  await expect(queue.send(messages(1))).rejects.toMatchObject({ code: 'aws-failed' });
});
