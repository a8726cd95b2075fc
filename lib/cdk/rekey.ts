import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { type Grant, type IGrantable, type IRole, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { providers } from '../providers/index.ts';
import { readFleetFile } from '../wiring/fleet-file.ts';
import { alarms } from './alarms.ts';
import { fleetBus } from './bus.ts';
import { dashboard } from './dashboard.ts';
import type { RekeyProps } from './props.ts';
import { queues } from './queues.ts';
import { RotatedSecret } from './rotated-secret.ts';
import { schedule } from './schedule.ts';
import { refuseNarrowWindows, refuseTooLarge, type Settings, settingsOf } from './settings.ts';
import {
  nativeRotationFunction,
  type Parts,
  reconcileFunction,
  requestFunction,
  sweepFunction,
  WORK_TIME,
} from './workers.ts';

export type { RekeyProps } from './props.ts';

/**
 * A rotator for one fleet: its secrets, its bus, its queue, the functions between them, and what
 * watches over them.
 */
export class Rekey extends Construct {
  readonly fleet: Fleet;
  /** Where rekey tells what it did, and takes requests. */
  readonly bus: EventBus;
  readonly deadLetters: Queue;
  readonly refusedRequests: Queue;
  /** By the name of their target. */
  readonly secrets: ReadonlyMap<string, RotatedSecret>;
  /**
   * The roles that read the admin secrets: where one has a key of its own, let them decrypt with
   * that.
   */
  readonly adminReaders: readonly IRole[];
  readonly alarms: readonly Alarm[];
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: RekeyProps) {
    super(scope, id);
    const settings = settingsOf(this, props);
    this.fleet = readFleetFile(props.fleetFile, providers);
    refuseTooLarge(this.fleet);
    refuseNarrowWindows(this.fleet, settings);
    if (settings.permissionsBoundary)
      PermissionsBoundary.of(this).apply(settings.permissionsBoundary);
    const { id: fleet } = this.fleet;

    this.bus = fleetBus(this, fleet, settings);
    const { work, deadLetters, refusedRequests } = queues(this, WORK_TIME);
    this.deadLetters = deadLetters;
    this.refusedRequests = refusedRequests;
    this.secrets = this.makeSecrets(settings);
    const parts: Parts = {
      fleet: this.fleet,
      settings,
      bus: this.bus,
      queues: { work, deadLetters, refusedRequests },
      secrets: this.secrets,
    };
    const sweep = sweepFunction(this, parts);
    const reconcile = reconcileFunction(this, parts);
    // whoever works off what the first sweep finds; its policy waits for the secrets
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
  }

  /**
   * The secret of a target, for what takes one: a task definition, a build project. Throws if there
   * is no such target.
   */
  secretOf(target: string): ISecret {
    const found = this.secrets.get(target);
    if (found) return found.secret;
    const names = [...this.secrets.keys()].join(', ');
    throw new Error(
      `the fleet ${this.fleet.id} has no target ${JSON.stringify(target)}; expected one of ${names}`,
    );
  }

  /**
   * May read the credential of this target, the current one and the one before, and no other: no
   * candidate that is not proven.
   */
  grantRead(target: string, grantee: IGrantable): Grant {
    return this.secretOf(target).grantRead(grantee, ['AWSCURRENT', 'AWSPREVIOUS']);
  }

  private makeSecrets({
    encryptionKey,
    replicaRegions,
    removalPolicy,
  }: Settings): ReadonlyMap<string, RotatedSecret> {
    const common = {
      fleet: this.fleet.id,
      replicaRegions,
      removalPolicy,
      ...(encryptionKey && { encryptionKey }),
    };
    return new Map(
      this.fleet.targets.map(({ name, secret, provider }) => {
        const description = `Registry credential of ${name}, issued by ${provider}, rotated by rekey`;
        return [
          name,
          new RotatedSecret(this, `Secret-${name}`, { ...common, secretName: secret, description }),
        ];
      }),
    );
  }
}
