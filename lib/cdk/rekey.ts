import type { Alarm, Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { type Grant, type IGrantable, type IRole, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { alarms } from './alarms.ts';
import { fleetBus } from './bus.ts';
import { dashboard } from './dashboard.ts';
import { fleetOf } from './fleet.ts';
import { type FleetMetric, fleetMetric } from './metrics.ts';
import { outputs } from './outputs.ts';
import { grantOperation, grantRequests } from './people.ts';
import type { RekeyProps } from './props.ts';
import { queues } from './queues.ts';
import type { RotatedSecret } from './rotated-secret.ts';
import { schedule } from './schedule.ts';
import { fleetSecrets } from './secrets.ts';
import { refuseNarrowWindows, settingsOf } from './settings.ts';
import { refuseTooLarge } from './size.ts';
import { onRotated, type Subscription } from './subscriptions.ts';
import {
  nativeRotationFunction,
  type Parts,
  reconcileFunction,
  requestFunction,
  sweepFunction,
  WORK_TIME,
} from './workers.ts';

export type { RekeyProps } from './props.ts';

/** Rotates one fleet: its secrets, bus, queues, functions, alarms and dashboard. */
export class Rekey extends Construct {
  /**
   * The parsed fleet file. Its shape may change with any version.
   * @internal
   */
  readonly fleet: Fleet;
  /** The event bus: rekey publishes here and accepts requests here. */
  readonly bus: EventBus;
  /** Work that failed five times. */
  readonly deadLetters: Queue;
  /** Requests that were malformed or could not be delivered. */
  readonly refusedRequests: Queue;
  /** Keyed by the name of the target. For readers there is `secretOf`. */
  readonly secrets: ReadonlyMap<string, RotatedSecret>;
  /**
   * The roles that read the admin secrets. If an admin secret has its own key, allow these roles to
   * decrypt with it.
   */
  readonly adminReaders: readonly IRole[];
  /** All alarms of the fleet, such as for a composite alarm. */
  readonly alarms: readonly Alarm[];
  /** The CloudWatch dashboard of the fleet. */
  readonly dashboard: Dashboard;

  /**
   * Adds everything that the fleet needs to a stack, and with `secretStacks` to further stacks.
   * @throws Error if the fleet file is invalid or too large, with one line per problem, or if a
   * property is out of range
   */
  constructor(scope: Construct, id: string, props: RekeyProps) {
    super(scope, id);
    const settings = settingsOf(this, props);
    this.fleet = fleetOf(props);
    refuseTooLarge(this.fleet, settings);
    refuseNarrowWindows(this.fleet, settings);
    if (settings.permissionsBoundary)
      PermissionsBoundary.of(this).apply(settings.permissionsBoundary);
    const { id: fleet } = this.fleet;

    this.bus = fleetBus(this, fleet, settings);
    const { work, deadLetters, refusedRequests } = queues(this, WORK_TIME);
    this.deadLetters = deadLetters;
    this.refusedRequests = refusedRequests;
    this.secrets = fleetSecrets(this, this.fleet, settings);
    const parts: Parts = {
      fleet: this.fleet,
      settings,
      bus: this.bus,
      queues: { work, deadLetters, refusedRequests },
      secrets: this.secrets,
    };
    const sweep = sweepFunction(this, parts);
    const reconcile = reconcileFunction(this, parts);
    // the first sweep needs a worker, whose policy in turn waits for the secrets
    schedule(this, sweep.function, settings.interval, reconcile);
    const native = nativeRotationFunction(this, parts, reconcile);
    this.adminReaders = [reconcile.role, ...(native ? [native.role] : [])];
    requestFunction(this, parts);

    this.alarms = alarms(this, this.fleet, settings, parts.queues);
    this.dashboard = dashboard(this, {
      fleet,
      interval: settings.interval,
      queues: parts.queues,
      alarms: this.alarms,
      logs: [sweep, reconcile, ...(native ? [native] : [])].map(({ logGroup }) => logGroup),
    });
    outputs(this, this, props);
  }

  /**
   * The secret of a target, for a task definition or a build project. With `secretStacks`, other
   * stacks refer to it by its name. Throws if the fleet has no such target.
   */
  secretOf(target: string): ISecret {
    const found = this.secrets.get(target);
    if (found) return found.secret;
    const name = JSON.stringify(target);
    const names = [...this.secrets.keys()].join(', ');
    throw new Error(`the fleet ${this.fleet.id} has no target ${name}; expected one of ${names}`);
  }

  /**
   * Allows a grantee to read the current and the previous credential of a target, but not a
   * candidate that is not proven yet. Throws if the fleet has no such target.
   */
  grantRead(target: string, grantee: IGrantable): Grant {
    return this.secretOf(target).grantRead(grantee, ['AWSCURRENT', 'AWSPREVIOUS']);
  }

  /**
   * Allows a grantee of this account to request rotations and rollbacks, and to report compromises.
   * For another account there is the property `requesters`.
   */
  grantRequest(grantee: IGrantable): Grant {
    return grantRequests(this.bus, grantee);
  }

  /**
   * Allows an on-call engineer what the `rekey` command needs, except `doctor`, `retire` and
   * `--in-process`: no value of a secret, and no admin secret.
   */
  grantOperate(grantee: IGrantable): Grant {
    return grantOperation(this.bus, this.fleet, grantee);
  }

  /**
   * Sends an event to a consumer each time a target has another current credential: `Credential
   * Rotated` and `Rolled Back`. Throws if the fleet has no such target.
   */
  onRotated(target: string, subscription: Subscription): Rule {
    this.secretOf(target);
    return onRotated(this, this.bus, target, subscription);
  }

  /** The same, for every target of the fleet. */
  onAnyRotated(subscription: Subscription): Rule {
    return onRotated(this, this.bus, undefined, subscription);
  }

  /**
   * A metric of the whole fleet, for an alarm or a dashboard of your own.
   * @param name such as `TargetsFailing`
   * @param options default: the maximum over 5 minutes
   */
  metric(name: FleetMetric, options: MetricOptions = {}): Metric {
    return fleetMetric(this.fleet.id, name).with(options);
  }

  /** The targets whose rotation fails, in the latest sweep. @default the maximum over 5 minutes */
  metricTargetsFailing(options?: MetricOptions): Metric {
    return this.metric('TargetsFailing', options);
  }

  /** The age of the oldest current credential, in seconds. @default the maximum over 5 minutes */
  metricCredentialAge(options?: MetricOptions): Metric {
    return this.metric('CredentialAge', options);
  }

  /** The completed rotations. @default their sum over 5 minutes */
  metricRotations(options?: MetricOptions): Metric {
    return this.metric('Rotations', { statistic: 'Sum', ...options });
  }

  /** The failed steps. @default their sum over 5 minutes */
  metricFailures(options?: MetricOptions): Metric {
    return this.metric('Failures', { statistic: 'Sum', ...options });
  }
}
