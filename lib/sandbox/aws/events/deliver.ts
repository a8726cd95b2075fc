import { AwsError, notFound } from '../aws-error.ts';
import { ConnectionLost, type createFaults } from '../faults.ts';
import type { Functions } from '../functions.ts';
import type { QueueMessage } from '../sqs/queues.ts';
import type { Rule, Target } from '../state.ts';
import { isObject } from './matchers.ts';
import type { Envelope } from './put-events.ts';

/** The ways to a target: registered functions and queues, with faults in between. */
export interface Courier {
  readonly functions: Functions;
  /** Sends a message to the queue with this ARN. */
  readonly send: (queueArn: string, message: QueueMessage) => Promise<void>;
  /** Faults injected into `events.Deliver`. */
  readonly faults: Pick<ReturnType<typeof createFaults>, 'apply'>;
}

/** After a failure, Lambda itself invokes a function two more times. */
const INVOCATIONS = 3;
/**
 * EventBridge's default, over a day. Here the attempts follow each other at once, so an event never
 * expires.
 */
const RETRIES = 185;

/**
 * Delivers an event to a target. Returns false if the delivery failed for good.
 * Transient failures are retried according to the target's retry policy. Permanent ones (the target
 * does not exist, or refuses the message) send the event to the target's dead-letter queue at once.
 * A failing function counts as delivered: Lambda handles its failures, so they never reach the
 * rule's queue.
 */
export async function deliver(
  courier: Courier,
  rule: Rule,
  target: Target,
  envelope: Envelope,
): Promise<boolean> {
  const most = target.RetryPolicy?.MaximumRetryAttempts ?? RETRIES;
  for (let retries = 0; ; retries++) {
    try {
      const answer = await courier.faults.apply('events.Deliver', () =>
        hand(courier, target, envelope),
      )({});
      return 'delivered' in answer && answer.delivered === true;
    } catch (error) {
      if (mayPass(error) && retries < most) continue;
      await bury(courier, { rule, target, envelope, error, retries });
      return false;
    }
  }
}

async function hand(
  { functions, send }: Courier,
  target: Target,
  envelope: Envelope,
): Promise<object> {
  const body = inputOf(target, envelope);
  if (target.Arn.startsWith('arn:aws:sqs:')) {
    await send(target.Arn, { body, groupId: target.SqsParameters?.MessageGroupId });
    return { delivered: true };
  }
  if (!functions.has(target.Arn)) throw notFound('Function not found.');
  for (let invocation = 1; invocation <= INVOCATIONS; invocation += 1) {
    try {
      await functions.invoke(target.Arn, JSON.parse(body));
      return { delivered: true };
    } catch {
      // invokes the function again
    }
  }
  return { delivered: false };
}

const mayPass = (error: unknown): boolean =>
  error instanceof ConnectionLost ||
  (error instanceof AwsError && (error.status >= 500 || /Throttl|TooMany/.test(error.code)));

interface Failed {
  readonly rule: Rule;
  readonly target: Target;
  readonly envelope: Envelope;
  readonly error: unknown;
  readonly retries: number;
}

/**
 * Sends the original event to the dead-letter queue, with EventBridge's reason in the attributes.
 */
async function bury(
  { send }: Courier,
  { rule, target, envelope, error, retries }: Failed,
): Promise<void> {
  const queue = target.DeadLetterConfig?.Arn;
  if (queue === undefined) return;
  const attributes = {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: error instanceof AwsError ? error.code : 'INTERNAL_ERROR',
    ERROR_MESSAGE: error instanceof AwsError ? error.message : 'The connection was lost.',
    ...(mayPass(error) && {
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: String(retries),
    }),
  };
  // as at AWS, the event is lost if the dead-letter queue does not exist either
  await send(queue, { body: JSON.stringify(envelope), attributes }).catch(() => {});
}

function inputOf({ Input, InputPath }: Target, envelope: Envelope): string {
  if (Input !== undefined) return Input;
  const steps = InputPath?.split('.').slice(1) ?? [];
  const part = steps.reduce<unknown>(
    (value, step) => (isObject(value) ? value[step] : undefined),
    envelope,
  );
  return JSON.stringify(part ?? null);
}
