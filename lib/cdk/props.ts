import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { FleetFile } from '../../schema/fleet.ts';

/** The origin of an event, according to EventBridge. */
export interface RequestSources {
  /**
   * Ids of accounts.
   * @default this account and the accounts of the requesters
   */
  readonly accounts?: readonly string[];
  /**
   * The `source` of the events, as their senders set it: `rekey.cli` for the CLI.
   * @default any
   */
  readonly sources?: readonly string[];
}

/** Properties of `Rekey`. */
export interface RekeyProps {
  /**
   * Path of the fleet file. An invalid file fails the synth with the messages of `rekey validate`.
   * @default `fleet` is given
   */
  readonly fleetFile?: string;
  /**
   * The fleet as an object with the content of a fleet file; a target of your own provider is given
   * in a file. Written as JSON it is a fleet file for the command.
   * @default `fleetFile` is given
   */
  readonly fleet?: FleetFile;
  /**
   * Path of a TypeScript or JavaScript file whose default export is your own provider, or a list
   * of them, written against `cdk-rekey/provider`. Needs the package esbuild. An invalid file fails
   * the synth with one sentence.
   * @default only the providers of rekey
   */
  readonly providers?: string;
  /**
   * How often rekey sweeps the fleet: 1 to 60 whole minutes. A window in the fleet file must be at
   * least two intervals long.
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;
  /**
   * The number of workers that run at once, 2 to 1000.
   * @default 10
   */
  readonly maxConcurrency?: number;
  /**
   * Decide and announce what is due, but do nothing: no function is allowed to read a secret's
   * value, or to change a value or a label.
   * @default false
   */
  readonly dryRun?: boolean;
  /**
   * The number of further stacks, which hold the secrets, 2 to 200: one for 300 targets of
   * the largest size that you expect. Targets come and go without moving another's secret, but a
   * different number moves secrets between stacks; docs/deploy.md describes how, under "Size".
   * @default the secrets are in the stack of this construct, which has room for 400 targets
   */
  readonly secretStacks?: number;
  /**
   * Key that encrypts the secrets. A reader of a secret must be allowed to decrypt with it;
   * `grantRead` grants that.
   * @default the account's key for Secrets Manager
   */
  readonly encryptionKey?: IKey;
  /**
   * Regions that each secret is replicated to, optionally with a key for each region.
   * @default none
   */
  readonly replicaRegions?: readonly ReplicaRegion[];
  /**
   * Policy for secrets and logs when the stack or a target is removed.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * How long logs are kept: those of the functions, and the log of all events.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
  /**
   * How long the bus's archive keeps rekey's events for a replay.
   * @default Duration.days(90)
   */
  readonly archiveRetention?: Duration;
  /**
   * Topic that each alarm notifies when it starts and when it ends. rekey adds a statement to its
   * policy that lets CloudWatch publish, unless the topic is imported (`fromTopicArn`); then add it
   * yourself. The key of an encrypted topic must allow cloudwatch.amazonaws.com to use it.
   * @default alarms are visible in CloudWatch only
   */
  readonly alarmTopic?: ITopic;
  /**
   * URL of the runbook; each alarm links to its part.
   * @default the runbook of this version, in the public copy of the package
   */
  readonly runbookUrl?: string;
  /**
   * Principals that may put requests on the bus: rotate, compromised, rollback. A request names a
   * target and nothing more.
   * @default only principals of this account whose own policies allow it
   */
  readonly requesters?: readonly IPrincipal[];
  /**
   * Accepted origins of requests. rekey ignores a request from another account or source, even if
   * IAM lets it onto the bus.
   * @default any source, in this account and in those of the requesters
   */
  readonly requestSources?: RequestSources;
  /**
   * The number of requests that are processed at once, 1 to 1000. AWS reserves this part of the
   * account's concurrency: a flood of requests cannot use more, and other functions cannot use it.
   * @default no reservation: a new account may run only ten functions at once, and AWS refuses a
   * reservation there, which would fail the deployment
   */
  readonly requestConcurrency?: number;
  /**
   * Ids of other accounts that may subscribe to rekey's events with their own rules on the bus.
   * @default none
   */
  readonly readers?: readonly string[];
  /**
   * Id of an organization; all its accounts may subscribe.
   * @default none
   */
  readonly organizationId?: string;
  /**
   * Network of the functions, for providers that accept certain addresses only. It needs access to
   * the internet and to AWS.
   * @default Lambda's own network
   */
  readonly vpc?: IVpc;
  /**
   * Subnets of the VPC.
   * @default its private subnets
   */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * Security groups of the functions.
   * @default a new one per function, which allows all outbound and no inbound traffic
   */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * Permissions boundary for every role of this construct.
   * @default none
   */
  readonly permissionsBoundary?: IManagedPolicy;
}
