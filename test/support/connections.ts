import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { HOUR } from '../../lib/core/time.ts';
import type { Deployment } from './deployment.ts';
import type { Lambda } from './lambda.ts';

/** Makes the bus deliver events to a function, as the template's rule for that function says. */
export async function connectBus(
  { resources, functions, fleet, clients, sandbox, resolve }: Deployment,
  lambda: Lambda,
): Promise<void> {
  const id = functions.request?.id ?? '';
  const rule = Object.values(resources).find(
    ({ Type, Properties = {} }) =>
      Type === 'AWS::Events::Rule' && JSON.stringify(Properties.Targets ?? []).includes(`"${id}"`),
  );
  if (!rule) throw new Error('no rule of the template leads to the function request');
  const EventPattern = JSON.stringify(resolve(rule.Properties?.EventPattern));
  const bus = { EventBusName: `rekey-${fleet.id}` };
  sandbox.aws.functions.register(lambda.arn, (event) => lambda.answer(event));
  await clients.eventBridge.send(new PutRuleCommand({ ...bus, Name: 'requests', EventPattern }));
  await clients.eventBridge.send(
    new PutTargetsCommand({
      ...bus,
      Rule: 'requests',
      Targets: [{ Id: 'request', Arn: lambda.arn }],
    }),
  );
}

/**
 * Makes Secrets Manager rotate the targets that it drives with this function, as CloudFormation
 * does.
 */
export async function connectRotation(
  { fleet, clients, sandbox }: Deployment,
  lambda: Lambda,
): Promise<void> {
  sandbox.aws.functions.register(lambda.arn, (event) => lambda.answer(event));
  for (const { secret: SecretId, driver, interval } of fleet.targets) {
    if (driver !== 'secrets-manager') continue;
    const RotationRules = { ScheduleExpression: `rate(${interval / HOUR} hours)` };
    const rotation = {
      SecretId,
      RotationLambdaARN: lambda.arn,
      RotationRules,
      RotateImmediately: false,
    };
    await clients.secretsManager.send(new RotateSecretCommand(rotation));
    await sandbox.aws.idle();
  }
}
