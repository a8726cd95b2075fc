import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Fleet } from '../core/fleet/index.ts';
import { type FleetMetric, fleetMetric } from './metrics.ts';
import type { Queues } from './queues.ts';
import type { Settings } from './settings.ts';

/** The metric, threshold and advice of one alarm. */
export interface Watch {
  /** Also the anchor in the runbook. */
  readonly name: string;
  readonly metric: IMetric;
  /** The condition, and what to do about it, in one sentence. */
  readonly advice: string;
  /** @default at least 1 */
  readonly when?: { readonly operator: ComparisonOperator; readonly threshold: number };
  /** @default 1 */
  readonly periods?: number;
  /**
   * How to treat missing data.
   * @default keep the state, since nothing improves while no sweep measures it
   */
  readonly missing?: TreatMissingData;
}

const { NOT_BREACHING, BREACHING } = TreatMissingData;
const { LESS_THAN_THRESHOLD, GREATER_THAN_THRESHOLD } = ComparisonOperator;

/** Usual number of requests an hour in a small fleet. */
const FEW_REQUESTS = 10;

/**
 * Usual number of requests an hour: about a fifth of the targets, and a power of two, so that a
 * target more or less does not change the alarm.
 */
const usualRequests = (targets: number): number =>
  Math.max(FEW_REQUESTS, 2 ** Math.floor(Math.log2(Math.max(1, targets / 5))));

/** All alarms: the conditions that need a person. */
export function watches(
  { id: fleet, targets }: Fleet,
  { interval }: Settings,
  { deadLetters, refusedRequests }: Queues,
): readonly Watch[] {
  const seen = (name: FleetMetric) => fleetMetric(fleet, name, { period: interval });
  const waiting = (queue: IQueue) =>
    queue.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      period: Duration.minutes(5),
    });
  return [
    {
      name: 'sweep-not-running',
      metric: fleetMetric(fleet, 'SweepsCompleted', { statistic: 'Sum', period: interval }),
      when: { operator: LESS_THAN_THRESHOLD, threshold: 1 },
      periods: 3,
      missing: BREACHING,
      advice:
        'No sweep in three intervals, so nothing rotates: check the schedule and the log of sweep',
    },
    {
      name: 'rotation-failing',
      metric: seen('TargetsFailing'),
      advice: 'A target failed three times in a row: run rekey status, and look up its error class',
    },
    {
      name: 'target-blocked',
      metric: seen('TargetsBlocked'),
      advice:
        'A target is due, but cannot rotate until a person acts: run rekey plan, and make room',
    },
    {
      name: 'compromise-open',
      metric: seen('CompromisedOpen'),
      advice:
        'A compromised credential is alive after half an hour: end it at the provider by hand',
    },
    {
      name: 'compromise-unconfirmed',
      metric: seen('CompromisesUnconfirmed'),
      advice:
        'Too many compromise reports, so none ends early: find the sender, confirm the true ones',
    },
    {
      name: 'registry-doubted',
      metric: seen('RegistriesDoubted'),
      advice:
        'A registry refuses most credentials, so no refusal counts: find out whether it is down',
    },
    {
      name: 'revocation-overdue',
      metric: seen('RevocationsOverdue'),
      advice: 'A superseded credential is an hour overdue: find out what stops its revocation',
    },
    {
      name: 'revocation-abandoned',
      metric: fleetMetric(fleet, 'RevocationsAbandoned', {
        statistic: 'Sum',
        period: Duration.hours(1),
      }),
      missing: NOT_BREACHING,
      advice:
        'A credential was given up without proof that it is dead: look up its id at the provider',
    },
    {
      name: 'work-in-dead-letters',
      metric: waiting(deadLetters),
      missing: NOT_BREACHING,
      advice:
        'Work failed five times in a row: read why in the log of reconcile, then redrive the queue',
    },
    {
      name: 'message-refused',
      metric: fleetMetric(fleet, 'MessagesRefused', {
        statistic: 'Sum',
        period: Duration.hours(1),
      }),
      missing: NOT_BREACHING,
      advice: 'A message that can never be processed was dropped: read the log of reconcile',
    },
    {
      name: 'request-refused',
      metric: waiting(refusedRequests),
      missing: NOT_BREACHING,
      advice:
        'A request was malformed or could not be delivered: notify its sender, delete the message',
    },
    {
      name: 'requests-unusual',
      metric: fleetMetric(fleet, 'Requests', { statistic: 'Sum', period: Duration.hours(1) }),
      when: {
        operator: GREATER_THAN_THRESHOLD,
        threshold: usualRequests(targets.length),
      },
      missing: NOT_BREACHING,
      advice:
        'Unusually many requests in an hour: the log of request shows who sends them, and which',
    },
    {
      name: 'admin-credential-refused',
      metric: seen('AdminsRefused'),
      advice:
        'Admin credential missing, refused or without rights: correct the secret in the log entry',
    },
    {
      name: 'orphan-found',
      metric: fleetMetric(fleet, 'OrphansRevoked', { statistic: 'Sum', period: Duration.hours(1) }),
      missing: NOT_BREACHING,
      advice: 'An orphaned credential was found and revoked: find out which crash, or who, left it',
    },
    {
      name: 'orphan-alive',
      // longer than the time between two scans for orphans
      metric: fleetMetric(fleet, 'OrphansAlive', { statistic: 'Sum', period: Duration.hours(12) }),
      missing: NOT_BREACHING,
      advice:
        'An orphaned credential is alive, and its provider does not end it: end it there by hand',
    },
    {
      name: 'credential-too-old',
      metric: seen('CredentialAgeRatio'),
      when: { operator: GREATER_THAN_THRESHOLD, threshold: 1.25 },
      advice: 'A credential is 25% older than its interval: find out what holds its rotation back',
    },
    {
      name: 'target-removed',
      metric: seen('TargetsRemoved'),
      advice: 'Credentials of a removed target are alive: run rekey retire, or put the target back',
    },
    {
      name: 'secret-missing',
      metric: seen('SecretsMissing'),
      advice:
        'The secret of a target is missing or scheduled for deletion: restore it, or deploy again',
    },
  ];
}
