import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Fleet } from '../core/fleet/index.ts';
import { type FleetMetric, fleetMetric } from './metrics.ts';
import type { Queues } from './queues.ts';
import type { Settings } from './settings.ts';

/** What an alarm watches. */
export interface Watch {
  /** Also the anchor of its part of the runbook. */
  readonly name: string;
  readonly metric: IMetric;
  /** What to do, in one sentence. */
  readonly advice: string;
  /** @default at least 1 */
  readonly when?: { readonly operator: ComparisonOperator; readonly threshold: number };
  readonly periods?: number;
  /**
   * What to think while nothing is measured; what sweeps measure stays as it was, since without
   * sweeps nothing gets better.
   */
  readonly missing?: TreatMissingData;
}

const { NOT_BREACHING, BREACHING } = TreatMissingData;
const { LESS_THAN_THRESHOLD, GREATER_THAN_THRESHOLD } = ComparisonOperator;

/**
 * As many requests an hour are usual, in a fleet of whatever size; of a large one a fifth of its
 * targets.
 */
const FEW_REQUESTS = 10;

/** Each thing that needs a person. */
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
        'No sweep has ended for three intervals, so nothing rotates: read the log of sweep and look at the schedule',
    },
    {
      name: 'rotation-failing',
      metric: seen('TargetsFailing'),
      advice:
        'A target has failed three times in a row: run rekey status, and follow the advice for its error class',
    },
    {
      name: 'target-blocked',
      metric: seen('TargetsBlocked'),
      advice:
        'A target should rotate, and what holds it back will not end by itself: run rekey plan, and make room',
    },
    {
      name: 'compromise-open',
      metric: seen('CompromisedOpen'),
      advice:
        'A credential is alive half an hour after it was reported as compromised: end it at the provider by hand',
    },
    {
      name: 'compromise-unconfirmed',
      metric: seen('CompromisesUnconfirmed'),
      advice:
        'So many were reported as compromised that none ends early: find out who did, and confirm what is true',
    },
    {
      name: 'registry-doubted',
      metric: seen('RegistriesDoubted'),
      advice:
        'A registry refuses most of the credentials tried there, so none is believed dead: ask whether it is down',
    },
    {
      name: 'revocation-overdue',
      metric: seen('RevocationsOverdue'),
      advice:
        'A superseded credential should be dead for an hour and is not: find out what stops its revocation',
    },
    {
      name: 'revocation-abandoned',
      metric: fleetMetric(fleet, 'RevocationsAbandoned', {
        statistic: 'Sum',
        period: Duration.hours(1),
      }),
      missing: NOT_BREACHING,
      advice:
        'A superseded credential is given up without a proof that it is dead: look at it at the provider by its id',
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
      advice:
        'A message in the work queue can never be worked off and was dropped: read in the log of reconcile which',
    },
    {
      name: 'request-refused',
      metric: waiting(refusedRequests),
      missing: NOT_BREACHING,
      advice:
        'A request on the bus was malformed, or could not be delivered: tell its sender, and delete the message',
    },
    {
      name: 'requests-unusual',
      metric: fleetMetric(fleet, 'Requests', { statistic: 'Sum', period: Duration.hours(1) }),
      when: {
        operator: GREATER_THAN_THRESHOLD,
        threshold: Math.max(FEW_REQUESTS, Math.floor(targets.length / 5)),
      },
      missing: NOT_BREACHING,
      advice:
        'Far more was asked for in an hour than people ask for: read in the log of request who asks, and for what',
    },
    {
      name: 'admin-credential-refused',
      metric: seen('AdminsRefused'),
      advice:
        'An admin credential is missing, is refused or lacks rights: put a valid one into the secret that the log names',
    },
    {
      name: 'orphan-found',
      metric: fleetMetric(fleet, 'OrphansRevoked', { statistic: 'Sum', period: Duration.hours(1) }),
      missing: NOT_BREACHING,
      advice:
        'A credential that nobody knew was found and revoked: find out which crash, or who, left it',
    },
    {
      name: 'orphan-alive',
      // longer than it takes until they are looked for again
      metric: fleetMetric(fleet, 'OrphansAlive', { statistic: 'Sum', period: Duration.hours(12) }),
      missing: NOT_BREACHING,
      advice:
        'A credential that nobody knows is alive, and its provider does not end it: end it there by hand',
    },
    {
      name: 'credential-too-old',
      metric: seen('CredentialAgeRatio'),
      when: { operator: GREATER_THAN_THRESHOLD, threshold: 1.25 },
      advice:
        'A credential is a quarter older than its interval: find out what holds its rotation back',
    },
    {
      name: 'target-removed',
      metric: seen('TargetsRemoved'),
      advice:
        'Credentials are alive behind a secret that left the fleet: run rekey retire, or put the target back',
    },
    {
      name: 'secret-missing',
      metric: seen('SecretsMissing'),
      advice:
        'A target has no secret, or one that is scheduled for deletion: restore it, or deploy again',
    },
  ];
}
