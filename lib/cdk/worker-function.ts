import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Duration, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import {
  type BundlingOptions,
  LogLevel,
  NodejsFunction,
  OutputFormat,
} from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { fileOf, quoted } from './fleet-asset.ts';
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
  readonly function: NodejsFunction;
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
    this.function = new NodejsFunction(this, 'Function', {
      entry: join(root, 'functions', `${name}.ts`),
      projectRoot: root,
      depsLockFilePath: join(root, 'package-lock.json'),
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
      bundling: {
        ...bundling,
        ...(this.node.tryGetContext(SIMULATED) !== true && deployed),
        commandHooks: copying(fileOf(content)),
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

/** The root of this package; the app that uses it may be anywhere. */
const root = join(import.meta.dirname, '../..');

/** How each function is bundled; the list of deployed packages is built with the same options. */
export const bundling = {
  format: OutputFormat.ESM,
  target: 'node24',
  minify: true,
  sourceMap: false,
  logLevel: LogLevel.WARNING,
  // the tested version of the SDK, not the one that Lambda's runtime happens to have
  bundleAwsSDK: true,
  // Lambda provides credentials in the environment; other sources are loaded lazily, and never used
  externalModules: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-login',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
  mainFields: ['module', 'main'],
  // leaves out undici's second, experimental parser: 166 KB that are never used
  define: { esbuildDetection: '1' },
  // some packages still call require; the name is one that no minifier generates
  banner:
    "import { createRequire as rekeyCreateRequire } from 'node:module'; " +
    'const require = rekeyCreateRequire(import.meta.url);',
} satisfies BundlingOptions;

/**
 * Context key of an app whose functions run against simulated vendors: the tests of the bundles,
 * never a deployment.
 */
export const SIMULATED = 'rekey:simulated';

/** Leaves out the code for simulated vendors: see functions/shared/endpoints.ts. */
const deployed: BundlingOptions = { define: { 'process.env.REKEY_BUNDLE': '"deployed"' } };

const copying = (fleet: string): BundlingOptions['commandHooks'] => ({
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (_input, output) => [`cp ${quoted(fleet)} ${quoted(join(output, 'fleet.json'))}`],
});
