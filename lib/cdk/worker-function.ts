import { createHash } from 'node:crypto';
import { type Duration, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { functionCode } from './function-code.ts';
import type { Settings } from './settings.ts';

export interface WorkerFunctionProps {
  /** File below functions/, without its ending. */
  readonly name: string;
  /** As it was read at synth: it travels with the code. */
  readonly fleet: Fleet;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** How many may run at once, which nobody else can take away. @default none is set aside */
  readonly concurrency?: number | undefined;
}

/**
 * One of rekey's Lambda functions: bundled with the fleet, with a role and a log group of its own.
 */
export class WorkerFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(
    scope: Construct,
    id: string,
    { name, fleet, timeout, environment, settings, concurrency }: WorkerFunctionProps,
  ) {
    super(scope, id);
    const { logRetention, removalPolicy, vpc, vpcSubnets, securityGroups } = settings;
    this.logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(this.role);
    if (vpc) this.grantInterfaces();
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'these actions know no resource: traces to X-Ray; ListSecrets, where the function looks over the fleet, which tells no value; network interfaces, where it is in a VPC, which its code is denied',
    });
    const content = JSON.stringify(fleet);
    this.function = new LambdaFunction(this, 'Function', {
      code: functionCode(name, content, this.node.tryGetContext(SIMULATED) === true),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      logGroup: this.logGroup,
      role: this.role,
      tracing: Tracing.ACTIVE,
      ...(concurrency !== undefined && { reservedConcurrentExecutions: concurrency }),
      environment: {
        ...environment,
        // a diff shows that the fleet is another one, and the function refuses one that is not this
        REKEY_FLEET_SHA256: createHash('sha256').update(content).digest('hex'),
        POWERTOOLS_SERVICE_NAME: 'rekey',
        POWERTOOLS_METRICS_NAMESPACE: 'rekey',
      },
      ...(vpc && {
        vpc,
        vpcSubnets,
        ...(securityGroups && { securityGroups: [...securityGroups] }),
      }),
    });
  }

  /**
   * Lambda makes and removes the network interfaces by this role; what runs in the function may
   * not.
   */
  private grantInterfaces(): void {
    const actions = [
      'CreateNetworkInterface',
      'DescribeNetworkInterfaces',
      'DescribeSubnets',
      'DeleteNetworkInterface',
      'AssignPrivateIpAddresses',
      'UnassignPrivateIpAddresses',
    ].map((action) => `ec2:${action}`);
    const { partition, region, account } = Stack.of(this);
    this.role.addToPolicy(new PolicyStatement({ actions, resources: ['*'] }));
    this.role.addToPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions,
        resources: ['*'],
        // the function's own name would make a circle: it waits for this policy
        conditions: {
          ArnLike: {
            'lambda:SourceFunctionArn': `arn:${partition}:lambda:${region}:${account}:function:*`,
          },
        },
      }),
    );
  }
}

/**
 * Context of an app whose functions are run against simulated vendors: the tests of the bundles,
 * and nothing that is deployed.
 */
export const SIMULATED = 'rekey:simulated';
