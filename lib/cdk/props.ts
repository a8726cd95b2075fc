import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** What EventBridge says of the origin of an event. */
export interface RequestSources {
  /**
   * Ids of accounts.
   * @default this account, and those of the requesters
   */
  readonly accounts?: readonly string[];
  /**
   * The `source` of the events, as their senders set it: `rekey.cli` for the CLI.
   * @default any
   */
  readonly sources?: readonly string[];
}

export interface RekeyProps {
  /**
   * Path of the fleet file. What is wrong with it fails the synth, with the messages of `rekey
   * validate`.
   */
  readonly fleetFile: string;
  /**
   * How often the fleet is looked at: 1 to 60 whole minutes. No window of the fleet file may be
   * shorter than two of these intervals.
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;
  /**
   * How many workers run at once, 2 to 1000.
   * @default 10
   */
  readonly maxConcurrency?: number;
  /**
   * Decide and announce what would be done, and do nothing: no function may then read or change a
   * secret’s value or labels.
   * @default false
   */
  readonly dryRun?: boolean;
  /**
   * Key that the secrets are encrypted with. Whoever reads a secret must be allowed to decrypt with
   * it; `grantRead` sees to that.
   * @default the account's key for Secrets Manager
   */
  readonly encryptionKey?: IKey;
  /**
   * Regions that each secret is copied to, each with a key of its own if need be.
   * @default none
   */
  readonly replicaRegions?: readonly ReplicaRegion[];
  /**
   * What becomes of secrets and logs when the stack, or a target, goes.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * How long logs are kept: those of the functions, and the one of everything rekey said.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
  /**
   * How long the bus's archive keeps rekey's events for a replay.
   * @default Duration.days(90)
   */
  readonly archiveRetention?: Duration;
  /**
   * Is told of each alarm, and when it is over. Its policy is made to let CloudWatch publish,
   * unless it comes from elsewhere (`fromTopicArn`): then that is yours to do. If it is encrypted,
   * its key must let cloudwatch.amazonaws.com use it.
   * @default alarms show in CloudWatch only
   */
  readonly alarmTopic?: ITopic;
  /**
   * Where the runbook is to be read, as a URL; each alarm points to its part of it.
   * @default the runbook of this version, in the public copy of the package
   */
  readonly runbookUrl?: string;
  /**
   * Who else may put requests on the bus: rotate, compromised, roll back. They can name a target
   * and nothing more.
   * @default only principals of this account whose own policies allow it
   */
  readonly requesters?: readonly IPrincipal[];
  /**
   * Where requests may come from: what another account or source puts on the bus is not taken,
   * whatever IAM lets it do.
   * @default any source, in this account and in those of the requesters
   */
  readonly requestSources?: RequestSources;
  /**
   * How many requests are worked on at once, 1 to 1000. AWS sets as much of the account's
   * concurrency aside: a flood of requests cannot take more, and nothing else can take this.
   * @default none is set aside: in a new account, which may run ten functions at once, AWS refuses
   * to, and the deployment would fail
   */
  readonly requestConcurrency?: number;
  /**
   * Ids of other accounts that may subscribe to rekey's events by rules of their own on the bus.
   * @default none
   */
  readonly readers?: readonly string[];
  /**
   * Id of the organization all of whose accounts may subscribe.
   * @default none
   */
  readonly organizationId?: string;
  /**
   * Network the functions run in: for providers that only know certain addresses. It needs a way to
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
   * @default a new one for each function, which lets everything out and nothing in
   */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * Boundary for every role made here.
   * @default none
   */
  readonly permissionsBoundary?: IManagedPolicy;
}
