import { Duration, Validations } from 'aws-cdk-lib';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
} from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface Queues {
  /** FIFO, a group for each target, and one for each type of request for it. */
  readonly work: Queue;
  /** Where work ends that failed five times. */
  readonly deadLetters: Queue;
  /** Where requests end that were malformed, or could not be delivered. */
  readonly refusedRequests: Queue;
}

/** The queues of one deployment. `workTime` is how long a worker may take for one message. */
export function queues(scope: Construct, workTime: Duration): Queues {
  const common = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  };
  const deadLetters = new Queue(scope, 'DeadLetters', { ...common, fifo: true });
  const refusedRequests = new Queue(scope, 'RefusedRequests', common);
  for (const queue of [deadLetters, refusedRequests]) {
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'it is a dead-letter queue itself',
    });
  }
  const work = new Queue(scope, 'Work', {
    ...common,
    fifo: true,
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    // a message in flight holds up its target: AWS's six times the function's time would be an
    // hour, for throttles that maxConcurrency keeps away; and a message that comes again too early
    // does no harm
    visibilityTimeout: workTime.plus(Duration.minutes(2)),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  return { work, deadLetters, refusedRequests };
}
