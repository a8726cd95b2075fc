import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { inboundTypes } from '../core/events/index.ts';
import type { Fleet } from '../core/fleet/index.ts';
import { DAY } from '../core/time.ts';
import {
  grantAdmins,
  grantAsk,
  grantList,
  grantLook,
  grantPublish,
  grantRequest,
  grantRotate,
  grantStrangers,
} from './grants.ts';
import type { Queues } from './queues.ts';
import { requestOrigin } from './request-origin.ts';
import type { RotatedSecret } from './rotated-secret.ts';
import type { Settings } from './settings.ts';
import { WorkerFunction } from './worker-function.ts';

/** What the functions work on. */
export interface Parts {
  readonly fleet: Fleet;
  readonly settings: Settings;
  readonly bus: EventBus;
  readonly queues: Queues;
  /** By the name of their target. */
  readonly secrets: ReadonlyMap<string, RotatedSecret>;
}

/** How long a worker may take for one target. */
export const WORK_TIME = Duration.minutes(10);

/** Looks at the fleet, and tells the queue what is due. */
export function sweepFunction(
  scope: Construct,
  { fleet, settings, queues }: Parts,
): WorkerFunction {
  const environment = {
    REKEY_QUEUE_URL: queues.work.queueUrl,
    REKEY_INTERVAL: String(settings.interval.toMinutes()),
  };
  const sweep = new WorkerFunction(scope, 'sweep', {
    name: 'sweep',
    fleet,
    settings,
    environment,
    timeout: Duration.minutes(2),
  });
  grantLook(sweep.role, fleet);
  grantList(sweep.role);
  queues.work.grantSendMessages(sweep.role);
  return sweep;
}

/**
 * Brings one target after another to where it should be; in a dry run it may only look, and tell
 * the bus what it would do.
 */
export function reconcileFunction(
  scope: Construct,
  { fleet, settings, bus, queues, secrets }: Parts,
): WorkerFunction {
  const { dryRun, maxConcurrency } = settings;
  const environment = { REKEY_BUS: bus.eventBusName, ...(dryRun && { REKEY_DRY_RUN: 'true' }) };
  const reconcile = new WorkerFunction(scope, 'reconcile', {
    name: 'reconcile',
    fleet,
    settings,
    environment,
    timeout: WORK_TIME,
  });
  const { role } = reconcile;
  grantLook(role, fleet);
  grantStrangers(role, fleet, { dryRun });
  if (!dryRun) {
    grantRotate(role, fleet, [...secrets.values()], settings.replicaRegions);
    grantAdmins(role, fleet);
    // a label at a provider names its secret by the ARN: whose it is, the list tells
    grantList(role);
  }
  grantPublish(role, bus);
  queues.work.grantConsumeMessages(role);
  const source = new SqsEventSource(queues.work, {
    batchSize: 1,
    reportBatchItemFailures: true,
    maxConcurrency,
  });
  reconcile.function.addEventSource(source);
  return reconcile;
}

/** Carries out the steps of Secrets Manager's own rotation, for the targets whose driver it is. */
export function nativeRotationFunction(
  scope: Construct,
  parts: Parts,
  reconcile: WorkerFunction,
): WorkerFunction | undefined {
  const { fleet, settings, bus, secrets } = parts;
  const targets = fleet.targets.filter(({ driver }) => driver === 'secrets-manager');
  // in a dry run nothing is rotated, whoever would drive
  if (targets.length === 0 || settings.dryRun) return undefined;
  const driven = targets.flatMap(({ name }) => secrets.get(name) ?? []);
  const environment = { REKEY_BUS: bus.eventBusName };
  const native = new WorkerFunction(scope, 'native-rotation', {
    name: 'native-rotation',
    fleet,
    settings,
    environment,
    timeout: WORK_TIME,
  });
  grantLook(native.role, { ...fleet, targets });
  grantRotate(native.role, { ...fleet, targets }, driven, settings.replicaRegions);
  grantAdmins(native.role, { ...fleet, targets });
  grantPublish(native.role, bus);
  for (const { name, interval } of targets) {
    const secret = secrets.get(name);
    secret?.rotatedBy(native.function, Math.ceil(interval / DAY) + 1);
  }
  // the worker says when; Secrets Manager calls the function in the name of whoever asks it to
  // rotate
  grantAsk(reconcile.role, driven, native.function.functionArn);
  return native;
}

/** Takes requests off the bus and writes them down; in a dry run nobody listens to them. */
export function requestFunction(
  scope: Construct,
  { fleet, settings, bus, queues, secrets }: Parts,
): WorkerFunction {
  const environment = { REKEY_QUEUE_URL: queues.work.queueUrl };
  const request = new WorkerFunction(scope, 'request', {
    name: 'request',
    fleet,
    settings,
    environment,
    timeout: Duration.minutes(1),
    concurrency: settings.requestConcurrency,
  });
  grantLook(request.role, fleet);
  if (!settings.dryRun) grantRequest(request.role, [...secrets.values()]);
  queues.work.grantSendMessages(request.role);
  // the rule's dead-letter queue has what never reached the function; what the function refused
  // would be dropped
  request.function.configureAsyncInvoke({
    onFailure: new SqsDestination(queues.refusedRequests),
    retryAttempts: 2,
  });
  new Rule(scope, 'Requests', {
    eventBus: bus,
    enabled: !settings.dryRun,
    eventPattern: { detailType: [...inboundTypes], ...requestOrigin(scope, settings) },
    targets: [
      new LambdaFunction(request.function, {
        deadLetterQueue: queues.refusedRequests,
        retryAttempts: 2,
      }),
    ],
  });
  return request;
}
