import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/**
 * Lets CloudWatch publish on the topic. AWS's default policy allows that, but any statement, such
 * as that of `enforceSSL`, replaces the default, and then no alarm arrives although all of them
 * look connected. The statement allows every alarm of the account, because it replaces the default
 * policy too and other alarms may use the same topic.
 */
export function allowAlarms(scope: Construct, topic: ITopic): void {
  const { account, region, partition } = Stack.of(scope);
  const { statementAdded } = topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
      },
    }),
  );
  if (statementAdded) return;
  const advice = [
    'the topic in alarmTopic is imported, so rekey cannot change its policy:',
    'let cloudwatch.amazonaws.com publish on it, or no alarm arrives',
  ].join(' ');
  Annotations.of(scope).addWarningV2('rekey:alarm-topic-policy', advice);
}
