import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IScheduleTarget, Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';

/**
 * Calls the function at each interval; only the scheduler may assume the role. The first call comes
 * at once, so the schedule depends on the role's policy, without which the first sweep is refused
 * and not retried, and on the constructs in `after`.
 */
export function schedule(
  scope: Construct,
  { functionArn }: IFunction,
  interval: Duration,
  ...after: readonly Construct[]
): void {
  const assumedBy = new ServicePrincipal('scheduler.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  const role = new Role(scope, 'SchedulerRole', { assumedBy });
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
  );
  // a missed sweep is not repeated: the next one finds the same work
  const target: IScheduleTarget = {
    bind: () => ({ arn: functionArn, role, retryPolicy: { maximumRetryAttempts: 0 } }),
  };
  const made = new Schedule(scope, 'Schedule', {
    schedule: ScheduleExpression.rate(interval),
    target,
  });
  made.node.addDependency(role, ...after);
}
