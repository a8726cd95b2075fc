import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnRule, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnResourcePolicy, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type IScheduleTarget, Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { parse } from 'yaml';
import { inboundTypes } from '../core/events/index.ts';
import { FLEET_TAG, type Fleet } from '../core/fleet/index.ts';
import { parseFleetText, readFleetText } from '../fleet-file.ts';
import { providers } from '../providers/index.ts';
import { RotatedSecret } from './rotated-secret.ts';
import { WorkerFunction } from './worker-function.ts';

export interface RekeyProps {
  /** Path of the fleet file. What is wrong with it fails the synth, with the messages of `rekey validate`. */
  readonly fleetFile: string;
  /**
   * Key that the secrets are encrypted with.
   * @default the account's key for Secrets Manager
   */
  readonly encryptionKey?: IKey;
  /**
   * How often the fleet is looked at.
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;
  /**
   * How many workers run at once, at least 2.
   * @default 10
   */
  readonly maxConcurrency?: number;
  /**
   * What becomes of secrets and logs when the stack goes.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const WORK_TIME = Duration.minutes(10);

/** A rotator for one fleet: its secrets, its bus, its queue, and the functions between them. */
export class Rekey extends Construct {
  readonly fleet: Fleet;
  readonly bus: EventBus;
  readonly deadLetters: Queue;
  readonly secrets: readonly RotatedSecret[];

  constructor(scope: Construct, id: string, props: RekeyProps) {
    super(scope, id);
    const { interval = Duration.minutes(5), maxConcurrency = 10, removalPolicy = RemovalPolicy.RETAIN, encryptionKey } = props;
    const text = readFleetText(props.fleetFile);
    this.fleet = parseFleetText(text, providers, props.fleetFile);
    this.bus = new EventBus(this, 'Bus', { eventBusName: `rekey-${this.fleet.id}` });
    const queue = this.queue();
    this.deadLetters = queue.deadLetters;
    this.secrets = this.fleet.targets.map(
      ({ name, secret, provider }) =>
        new RotatedSecret(this, `Secret-${name}`, {
          secretName: secret,
          fleet: this.fleet.id,
          description: `Registry credential of ${name}, issued by ${provider}, rotated by rekey`,
          removalPolicy,
          ...(encryptionKey && { encryptionKey }),
        }),
    );
    const environment = { REKEY_BUS: this.bus.eventBusName, REKEY_QUEUE_URL: queue.work.queueUrl };
    const worker = (name: string, timeout: Duration) =>
      new WorkerFunction(this, name, { name, fleetFile: parse(text), timeout, environment, removalPolicy });

    const sweep = worker('sweep', Duration.minutes(2));
    for (const secret of this.secrets) secret.grantDescribe(sweep.role);
    sweep.role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:ListSecrets'], resources: ['*'] }));
    Validations.of(sweep.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ListSecrets knows no resource; it tells names, labels and tags, and no value',
    });
    queue.work.grantSendMessages(sweep.role);
    this.schedule(sweep, interval);

    const reconcile = worker('reconcile', WORK_TIME);
    for (const secret of this.secrets) secret.grantRotate(reconcile.role);
    this.grantAdminSecrets(reconcile);
    this.bus.grantPutEventsTo(reconcile.role);
    queue.work.grantConsumeMessages(reconcile.role);
    reconcile.function.addEventSource(
      new SqsEventSource(queue.work, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency }),
    );

    const request = worker('request', Duration.minutes(1));
    for (const secret of this.secrets) secret.grantRequest(request.role);
    queue.work.grantSendMessages(request.role);
    new Rule(this, 'Requests', {
      eventBus: this.bus,
      eventPattern: { detailType: [...inboundTypes] },
      targets: [new LambdaFunction(request.function, { deadLetterQueue: queue.refused, retryAttempts: 2 })],
    });

    this.history(removalPolicy);
  }

  /** The scheduler may call the sweep, and nothing else. */
  private schedule({ function: sweep }: WorkerFunction, interval: Duration): void {
    const role = new Role(this, 'SchedulerRole', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [sweep.functionArn] }));
    const target: IScheduleTarget = { bind: () => ({ arn: sweep.functionArn, role, retryPolicy: { maximumRetryAttempts: 0 } }) };
    new Schedule(this, 'Schedule', { schedule: ScheduleExpression.rate(interval), target });
  }

  /** Everything rekey said, in a log group: its past. */
  private history(removalPolicy: RemovalPolicy): void {
    const logGroupName = `/aws/events/rekey-${this.fleet.id}`;
    const group = new LogGroup(this, 'History', { logGroupName, retention: RetentionDays.ONE_YEAR, removalPolicy });
    const { partition, region, account } = Stack.of(this);
    const arn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
    const rule = new CfnRule(this, 'EverythingSaid', {
      eventBusName: this.bus.eventBusName,
      eventPattern: { source: ['rekey'] },
      targets: [{ id: 'history', arn }],
    });
    const statement = {
      Effect: 'Allow',
      Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `${arn}:*`,
      Condition: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
    };
    const policyDocument = Stack.of(this).toJsonString({ Version: '2012-10-17', Statement: [statement] });
    new CfnResourcePolicy(this, 'HistoryPolicy', {
      policyName: `rekey-${this.fleet.id}-history`,
      policyDocument,
    }).node.addDependency(group);
  }

  /** The work queue, FIFO with a group for each target, and where messages end that cannot be worked off. */
  private queue(): { work: Queue; deadLetters: Queue; refused: Queue } {
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) };
    const deadLetters = new Queue(this, 'DeadLetters', { ...common, fifo: true });
    const refused = new Queue(this, 'RefusedRequests', common);
    for (const queue of [deadLetters, refused]) {
      Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'it is a dead-letter queue itself' });
    }
    const work = new Queue(this, 'Work', {
      ...common,
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      visibilityTimeout: Duration.minutes(WORK_TIME.toMinutes() * 6),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    });
    return { work, deadLetters, refused };
  }

  /** The admin secrets that the fleet names, to read; and the labels of secrets that left the fleet. */
  private grantAdminSecrets({ role }: WorkerFunction): void {
    const { partition, region, account } = Stack.of(this);
    const secret = (name: string) => `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
    // six random characters that Secrets Manager adds to each name
    const admins = [...new Set(this.fleet.targets.map(({ admin }) => secret(`${admin}-??????`)))];
    role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: admins }));
    role.addToPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:UpdateSecretVersionStage'],
        resources: [secret('*')],
        conditions: { StringEquals: { [`aws:ResourceTag/${FLEET_TAG}`]: this.fleet.id } },
      }),
    );
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:*]`,
      reason: 'only secrets with this fleet’s tag: one that left the fleet is announced once, and its label says so',
    });
  }
}
