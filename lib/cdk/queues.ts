import { Duration } from 'aws-cdk-lib';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
} from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** The queues of one deployment. */
export interface Queues {
  /** FIFO, with a message group per target, and one per target and type of request. */
  readonly work: Queue;
  /** Messages that failed five times. */
  readonly deadLetters: Queue;
  /** Requests that were malformed or could not be delivered. */
  readonly refusedRequests: Queue;
}

/** Creates the queues. `workTime` is the longest that a worker may take for one message. */
export function queues(scope: Construct, workTime: Duration): Queues {
  const common = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  };
  const deadLetters = new Queue(scope, 'DeadLetters', { ...common, fifo: true });
  const refusedRequests = new Queue(scope, 'RefusedRequests', common);
  for (const queue of [deadLetters, refusedRequests]) {
    acknowledge(queue, {
      id: 'AwsSolutions-SQS3',
      reason: 'it is a dead-letter queue itself',
    });
  }
  const work = new Queue(scope, 'Work', {
    ...common,
    fifo: true,
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    // a message in flight blocks its target. AWS recommends six times the function's timeout, an
    // hour, because of throttles, which maxConcurrency prevents; a message that is delivered again
    // too early does no harm
    visibilityTimeout: workTime.plus(Duration.minutes(2)),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  return { work, deadLetters, refusedRequests };
}
