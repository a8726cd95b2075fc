import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface WorkerFunctionProps {
  /** File below functions/, without its ending. */
  readonly name: string;
  /** The fleet file as data: it travels with the code. */
  readonly fleetFile: unknown;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly removalPolicy: RemovalPolicy;
}

/** One of rekey's Lambda functions: bundled with the fleet, with a role and a log group of its own. */
export class WorkerFunction extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, { name, fleetFile, timeout, environment, removalPolicy }: WorkerFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_YEAR, removalPolicy });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    const fleet = keptBeside(JSON.stringify(fleetFile));
    this.function = new NodejsFunction(this, 'Function', {
      entry: `functions/${name}.ts`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      logGroup,
      role: this.role,
      environment: { ...environment, REKEY_FLEET: '/var/task/fleet.json' },
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        // the SDK that was tested, not the one that Lambda has that day
        bundleAwsSDK: true,
        mainFields: ['module', 'main'],
        // some packages still call require; a name that no minifier gives
        banner:
          "import { createRequire as rekeyCreateRequire } from 'node:module'; const require = rekeyCreateRequire(import.meta.url);",
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (_input, output) => [`cp '${fleet}' '${output}/fleet.json'`],
        },
      },
    });
  }
}

/** A file with this content, by a name that follows from it: the same fleet gives the same asset. */
function keptBeside(content: string): string {
  const folder = join(tmpdir(), `rekey-fleet-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'fleet.json');
  writeFileSync(file, content);
  return file;
}
