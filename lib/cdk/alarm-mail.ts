import type { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';

/**
 * Mails every alarm. Not encrypted: an alarm names no target, and CloudWatch would need a key of
 * its own.
 */
export function alarmMail(stack: Stack, address: string | undefined): Topic | undefined {
  if (!address) return undefined;
  const topic = new Topic(stack, 'Alarms', { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(address));
  return topic;
}
