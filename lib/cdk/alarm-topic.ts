import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/**
 * Lets CloudWatch publish on the topic. A topic without a policy has one of AWS's own that does;
 * any statement, `enforceSSL` for one, replaces it, and from then on no alarm arrives, although all
 * of them look wired. All alarms of the account, not this fleet's alone: this statement replaces
 * AWS's policy too, and others may publish on the same topic.
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
  const advice =
    'the topic in alarmTopic was made elsewhere, so its policy is not changed: see to it that it lets cloudwatch.amazonaws.com publish, or no alarm arrives';
  Annotations.of(scope).addWarningV2('rekey:alarm-topic-policy', advice);
}
