import { readFileSync } from 'node:fs';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

export const fixture = <Event>(name: string): Event =>
  JSON.parse(readFileSync(`test/fixtures/events/${name}.json`, 'utf8')) as Event;

const [template] = fixture<SQSEvent>('sqs-fifo').Records;

/**
 * All messages of a queue, in the form of Lambda's event source mapping. They are removed from the
 * queue.
 */
export async function receive(sqs: SQSClient, queue: string): Promise<SQSRecord[]> {
  const records: SQSRecord[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return records;
    for (const {
      MessageId = '',
      ReceiptHandle = '',
      Body = '',
      MD5OfBody = '',
      Attributes = {},
    } of Messages) {
      records.push(
        record(
          { messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, md5OfBody: MD5OfBody },
          Attributes,
        ),
      );
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
    }
  }
}

/** A record with all fields that SQS sends, changed as given. */
export function record(
  change: Partial<SQSRecord>,
  attributes: Readonly<Record<string, string>> = {},
): SQSRecord {
  if (!template) throw new Error('test/fixtures/events/sqs-fifo.json holds no record');
  return { ...template, ...change, attributes: { ...template.attributes, ...attributes } };
}

/** A message for a worker. */
export const messageFor = (target: string, messageId = `message-for-${target}`): SQSRecord =>
  record(
    { messageId, body: JSON.stringify({ target, correlationId: 'by-hand' }) },
    { MessageGroupId: target },
  );
