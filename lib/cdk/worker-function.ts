import { createHash } from 'node:crypto';
import { type Duration, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { functionCode } from './function-code.ts';
import type { Settings } from './settings.ts';

/** Properties of `WorkerFunction`. */
export interface WorkerFunctionProps {
  /** File in functions/, without its extension. */
  readonly name: string;
  /** The fleet as read at synth; it is deployed with the code. */
  readonly fleet: Fleet;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** Reserved concurrency. @default none */
  readonly concurrency?: number | undefined;
}

/** One of rekey's Lambda functions: bundled with the fleet, with its own role and log group. */
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
      reason: [
        'these actions cannot be limited to a resource: traces to X-Ray;',
        'ListSecrets, which returns no values;',
        'in a VPC, network interfaces, which are denied to the code of the function',
      ].join(' '),
    });
    const content = JSON.stringify(fleet);
    this.function = new LambdaFunction(this, 'Function', {
      code: functionCode(name, content, {
        simulated: this.node.tryGetContext(SIMULATED) === true,
        providers: settings.providers,
      }),
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
        // a diff shows that the fleet changed, and the function refuses any other fleet
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
   * Allows Lambda to create and delete network interfaces with this role, but denies that to the
   * code of the function.
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
        // the function's own name would be a circular dependency: it depends on this policy
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
 * Context key of an app whose functions run against simulated vendors: the tests of the bundles,
 * never a deployment.
 */
export const SIMULATED = 'rekey:simulated';
