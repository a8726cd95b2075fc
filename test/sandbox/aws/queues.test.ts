import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { awsClients, embeddedAws } from '../../support/embedded-aws.ts';

async function setUp() {
  const world = embeddedAws();
  const { sqs } = world;
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'work.fifo', Attributes: { FifoQueue: 'true' } }),
  );
  return {
    ...world,
    QueueUrl,
    send: (MessageGroupId: string, MessageBody: string, MessageDeduplicationId = MessageBody) =>
      sqs.send(
        new SendMessageCommand({ QueueUrl, MessageGroupId, MessageBody, MessageDeduplicationId }),
      ),
    async receive() {
      const answer = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      return answer.Messages ?? [];
    },
  };
}

const bodies = (messages: readonly { Body?: string | undefined }[]) =>
  messages.map(({ Body }) => Body);

test('messages of one group arrive in turn, while other groups proceed in parallel', async () => {
  const { send, receive, sqs, QueueUrl } = await setUp();
  await send('a', 'a1');
  await send('a', 'a2');
  await send('b', 'b1');
  const [a1, b1] = await receive();
  expect(bodies([a1 ?? {}, b1 ?? {}])).toEqual(['a1', 'b1']);
  expect(await receive()).toEqual([]);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: a1?.ReceiptHandle }));
  expect(bodies(await receive())).toEqual(['a2']);
});

test('a message that was returned arrives again, before the others of its group', async () => {
  const { send, receive, sqs, QueueUrl } = await setUp();
  await send('a', 'a1');
  await send('a', 'a2');
  const [a1] = await receive();
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: a1?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  expect(bodies(await receive())).toEqual(['a1']);
});

test('a second message with the same deduplication id is dropped', async () => {
  const { send, receive } = await setUp();
  await send('a', 'once', 'id');
  await send('b', 'twice', 'id');
  expect(bodies(await receive())).toEqual(['once']);
});

test('a queue is the same over HTTP, and its URL has the client’s address', async () => {
  const { aws, send } = await setUp();
  const { url } = await aws.serve();
  const { sqs } = awsClients({ endpoint: url });
  await send('a', 'in process');
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'work.fifo' }));
  expect(QueueUrl).toBe(`${url}/000000000000/work.fifo`);
  expect(bodies((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [])).toEqual([
    'in process',
  ]);
  await aws.close();
});

test('an error names a queue that does not exist', async () => {
  const { sqs, QueueUrl } = await setUp();
  await expect(
    sqs.send(new ReceiveMessageCommand({ QueueUrl: `${QueueUrl}2` })),
  ).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
  });
});

test('the older query protocol works', async () => {
  const { aws } = await setUp();
  const call = async (parameters: Record<string, string>) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = new URLSearchParams({ Version: '2012-11-05', ...parameters }).toString();
    return (await aws.handle({ headers, body, origin: 'http://here' })).body;
  };
  const create = await call({
    Action: 'CreateQueue',
    QueueName: 'old.fifo',
    'Attribute.1.Name': 'FifoQueue',
    'Attribute.1.Value': 'true',
  });
  expect(create).toContain(
    '<CreateQueueResult><QueueUrl>http://here/000000000000/old.fifo</QueueUrl></CreateQueueResult>',
  );
  const QueueUrl = 'http://here/000000000000/old.fifo';
  const entry = 'SendMessageBatchRequestEntry.1';
  const sent = await call({
    Action: 'SendMessageBatch',
    QueueUrl,
    [`${entry}.Id`]: '1',
    [`${entry}.MessageBody`]: '<a & b>',
    [`${entry}.MessageGroupId`]: 'g',
    [`${entry}.MessageDeduplicationId`]: 'd',
    [`${entry}.MessageAttribute.1.Name`]: 'k',
    [`${entry}.MessageAttribute.1.Value.DataType`]: 'String',
    [`${entry}.MessageAttribute.1.Value.StringValue`]: 'v',
  });
  expect(sent).toContain('<SendMessageBatchResultEntry><Id>1</Id>');
  const parameters = {
    'AttributeName.1': 'MessageGroupId',
    'MessageAttributeName.1': 'All',
    MaxNumberOfMessages: '1',
  };
  const received = await call({ Action: 'ReceiveMessage', QueueUrl, ...parameters });
  expect(received).toContain('<Body>&lt;a &amp; b&gt;</Body>');
  expect(received).toContain('<Attribute><Name>MessageGroupId</Name><Value>g</Value></Attribute>');
  expect(received).toContain('<MessageAttribute><Name>k</Name><Value>');
  const failed = await call({
    Action: 'ReceiveMessage',
    QueueUrl: 'http://here/000000000000/none',
  });
  expect(failed).toContain(
    '<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>',
  );
});
