import type { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';

/**
 * Creates a topic that mails every alarm. It is not encrypted: an alarm names no target, and for an
 * encrypted topic CloudWatch needs a customer-managed key.
 */
export function alarmMail(stack: Stack, address: string | undefined): Topic | undefined {
  if (!address) return undefined;
  const topic = new Topic(stack, 'Alarms', { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(address));
  return topic;
}
