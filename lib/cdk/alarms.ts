import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type FleetMetric, fleetMetric } from './metrics.ts';
import type { Queues } from './queues.ts';
import type { Settings } from './settings.ts';

interface Watch {
  /** Also the anchor of its part of the runbook. */
  readonly name: string;
  readonly metric: IMetric;
  /** What to do, in one sentence. */
  readonly advice: string;
  /** @default at least 1 */
  readonly when?: { readonly operator: ComparisonOperator; readonly threshold: number };
  readonly periods?: number;
  /** What to think while nothing is measured; what sweeps measure stays as it was, since without sweeps nothing gets better. */
  readonly missing?: TreatMissingData;
}

const { NOT_BREACHING, BREACHING, IGNORE } = TreatMissingData;
const { LESS_THAN_THRESHOLD, GREATER_THAN_THRESHOLD, GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = ComparisonOperator;

function watches(fleet: string, { interval }: Settings, { deadLetters, refusedRequests }: Queues): readonly Watch[] {
  const seen = (name: FleetMetric) => fleetMetric(fleet, name, { period: interval });
  const waiting = (queue: IQueue) =>
    queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(5) });
  return [
    {
      name: 'sweep-not-running',
      metric: fleetMetric(fleet, 'SweepsCompleted', { statistic: 'Sum', period: interval }),
      when: { operator: LESS_THAN_THRESHOLD, threshold: 1 },
      periods: 3,
      missing: BREACHING,
      advice: 'No sweep has ended for three intervals, so nothing rotates: read the log of sweep and look at the schedule',
    },
    {
      name: 'rotation-failing',
      metric: seen('TargetsFailing'),
      advice: 'A target has failed three times in a row: run rekey status, and follow the advice for its error class',
    },
    {
      name: 'revocation-overdue',
      metric: seen('RevocationsOverdue'),
      advice: 'A superseded credential should be dead for an hour and is not: find out what stops its revocation',
    },
    {
      name: 'work-in-dead-letters',
      metric: waiting(deadLetters),
      missing: NOT_BREACHING,
      advice: 'Work failed five times in a row: read why in the log of reconcile, then redrive the queue',
    },
    {
      name: 'request-refused',
      metric: waiting(refusedRequests),
      missing: NOT_BREACHING,
      advice: 'A request on the bus was malformed, or could not be delivered: tell its sender, and delete the message',
    },
    {
      name: 'admin-credential-refused',
      metric: seen('AdminsRefused'),
      advice: 'An admin credential is missing, is refused or lacks rights: put a valid one into the secret that the log names',
    },
    {
      name: 'orphan-found',
      metric: fleetMetric(fleet, 'OrphansRevoked', { statistic: 'Sum', period: Duration.hours(1) }),
      missing: NOT_BREACHING,
      advice: 'A credential that nobody knew was found and revoked: find out which crash, or who, left it',
    },
    {
      name: 'credential-too-old',
      metric: seen('CredentialAgeRatio'),
      when: { operator: GREATER_THAN_THRESHOLD, threshold: 1.25 },
      advice: 'A credential is a quarter older than its interval: find out what holds its rotation back',
    },
    {
      name: 'target-removed',
      metric: seen('TargetsRemoved'),
      advice: 'Credentials are alive behind a secret that left the fleet: run rekey retire, or put the target back',
    },
    {
      name: 'secret-missing',
      metric: seen('SecretsMissing'),
      advice: 'A target has no secret, or one that is scheduled for deletion: restore it, or deploy again',
    },
  ];
}

/** An alarm for each thing that needs a person; its description says what to do, and where to read on. */
export function alarms(scope: Construct, fleet: string, settings: Settings, queues: Queues): readonly Alarm[] {
  const { runbookUrl, alarmTopic } = settings;
  const action = alarmTopic && new SnsAction(alarmTopic);
  return watches(fleet, settings, queues).map(({ name, metric, advice, when, periods = 1, missing = IGNORE }) => {
    const alarm = new Alarm(scope, `Alarm-${name}`, {
      alarmName: `rekey-${fleet}-${name}`,
      alarmDescription: `${advice}: ${runbookUrl}#${name}`,
      metric,
      threshold: when?.threshold ?? 1,
      comparisonOperator: when?.operator ?? GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
    if (action) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  });
}
