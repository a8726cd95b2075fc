import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { RekeyError } from '../core/errors.ts';
import { caller, type Limits } from './calls.ts';
import { awsFailure } from './failure.ts';

const BATCH = 10;

/** A message for one target. */
export interface Message {
  /** Messages of one group are processed one after another. */
  readonly group: string;
  /** A second message with this id within five minutes is dropped. */
  readonly deduplicationId: string;
  readonly body: string;
}

/** The work queue, as seen by a sender. */
export interface Queue {
  /**
   * Sends all messages or throws `aws-failed`; a repeat within five minutes is harmless. `trace` is
   * X-Ray's header: the worker that receives a message joins that trace.
   */
  send(messages: readonly Message[], trace?: string): Promise<void>;
}

/** An SQS FIFO queue. */
export const sqsQueue = (client: SQSClient, queueUrl: string, limits: Limits = {}): Queue => ({
  async send(messages, trace) {
    const failed: string[] = [];
    for (let start = 0; start < messages.length; start += BATCH) {
      failed.push(
        ...(await sendBatch(client, queueUrl, messages.slice(start, start + BATCH), trace, limits)),
      );
    }
    if (failed.length === 0) return;
    throw new RekeyError(
      'aws-failed',
      [
        `the queue did not accept ${failed.length} of ${messages.length} messages:`,
        failed.join(', '),
      ].join(' '),
    );
  },
});

/** Sends up to ten messages. Returns the groups of those that the queue did not accept. */
async function sendBatch(
  client: SQSClient,
  QueueUrl: string,
  messages: readonly Message[],
  trace: string | undefined,
  limits: Limits,
): Promise<string[]> {
  const Entries = messages.map(({ group, deduplicationId, body }, index) => ({
    Id: String(index),
    MessageGroupId: group,
    MessageDeduplicationId: deduplicationId,
    MessageBody: body,
    ...(trace && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
    }),
  }));
  try {
    const command = new SendMessageBatchCommand({ QueueUrl, Entries });
    const { Failed } = await caller(limits)(undefined, (options) => client.send(command, options));
    return (Failed ?? []).map(({ Id }) => messages[Number(Id)]?.group ?? '');
  } catch (error) {
    throw awsFailure(error, `SendMessageBatch to ${QueueUrl}`, limits.signal);
  }
}
