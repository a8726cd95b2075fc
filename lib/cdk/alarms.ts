import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { allowAlarms } from './alarm-topic.ts';
import type { Queues } from './queues.ts';
import type { Settings } from './settings.ts';
import { watches } from './watches.ts';

const { IGNORE } = TreatMissingData;
const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = ComparisonOperator;

/** Creates the alarms. A description says what to do, and links to its part of the runbook. */
export function alarms(
  scope: Construct,
  fleet: Fleet,
  settings: Settings,
  queues: Queues,
): readonly Alarm[] {
  const { runbookUrl, alarmTopic } = settings;
  if (alarmTopic) allowAlarms(scope, alarmTopic);
  const action = alarmTopic && new SnsAction(alarmTopic);
  return watches(fleet, settings, queues).map(
    ({ name, metric, advice, when, periods = 1, missing = IGNORE }) => {
      const alarm = new Alarm(scope, `Alarm-${name}`, {
        alarmName: `rekey-${fleet.id}-${name}`,
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
    },
  );
}
