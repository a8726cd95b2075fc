import { Duration, Stack } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { inboundTypes } from '../core/events/index.ts';
import type { Fleet } from '../core/fleet/index.ts';
import {
  grantAdmins,
  grantAsk,
  grantList,
  grantLook,
  grantPublish,
  grantRemoved,
  grantRequest,
  grantRotate,
  grantRotateDriven,
} from './grants.ts';
import type { Queues } from './queues.ts';
import { requestOrigin } from './request-origin.ts';
import type { RotatedSecret } from './rotated-secret.ts';
import { rotatedByFunction } from './rotation.ts';
import type { Settings } from './settings.ts';
import { WorkerFunction } from './worker-function.ts';

/** The resources that the functions use. */
export interface Parts {
  readonly fleet: Fleet;
  readonly settings: Settings;
  readonly bus: EventBus;
  readonly queues: Queues;
  /** Keyed by the name of the target. */
  readonly secrets: ReadonlyMap<string, RotatedSecret>;
}

/** The longest that a worker may take for one target. */
export const WORK_TIME = Duration.minutes(10);

/** The function that sweeps the fleet and queues due targets. */
export function sweepFunction(
  scope: Construct,
  { fleet, settings, queues, secrets }: Parts,
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
  // a sweep that knows of a new target must find its secret; other stacks are deployed before
  for (const secret of secrets.values())
    if (Stack.of(secret) === Stack.of(scope)) sweep.function.node.addDependency(secret);
  return sweep;
}

/**
 * The function that reconciles one target after another. In a dry run it may only read the state,
 * and announce what is due.
 */
export function reconcileFunction(
  scope: Construct,
  { fleet, settings, bus, queues }: Parts,
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
  grantRemoved(role, fleet, settings);
  if (!dryRun) {
    grantRotate(role, fleet, settings);
    grantAdmins(role, fleet);
    // a label at a provider identifies the secret by its ARN; the list shows which secret that is
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

/**
 * The function that runs the steps of Secrets Manager's own rotation; undefined if Secrets Manager
 * drives no target, and in a dry run.
 */
export function nativeRotationFunction(
  scope: Construct,
  parts: Parts,
  reconcile: WorkerFunction,
): WorkerFunction | undefined {
  const { settings, bus, secrets } = parts;
  const targets = parts.fleet.targets.filter(({ driver }) => driver === 'secrets-manager');
  // a dry run rotates nothing, for either driver
  if (targets.length === 0 || settings.dryRun) return undefined;
  const driven = { ...parts.fleet, targets };
  const native = new WorkerFunction(scope, 'native-rotation', {
    name: 'native-rotation',
    fleet: parts.fleet,
    settings,
    environment: { REKEY_BUS: bus.eventBusName },
    timeout: WORK_TIME,
  });
  grantLook(native.role, driven);
  grantRotateDriven(native.role, driven, settings);
  grantAdmins(native.role, driven);
  grantPublish(native.role, bus);
  rotatedByFunction(scope, driven, secrets, native.function);
  // the worker decides when; Secrets Manager calls the function on behalf of the caller that starts
  // the rotation
  grantAsk(reconcile.role, driven, native.function.functionArn);
  return native;
}

/** The function that takes requests off the bus and records them; off in a dry run. */
export function requestFunction(
  scope: Construct,
  { fleet, settings, bus, queues }: Parts,
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
  if (!settings.dryRun) grantRequest(request.role, fleet);
  queues.work.grantSendMessages(request.role);
  // the rule's dead-letter queue has only requests that never reached the function; without this
  // destination, those that the function refused would be dropped
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
