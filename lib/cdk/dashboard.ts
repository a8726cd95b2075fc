import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  PeriodOverride,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type FleetMetric, fleetMetric, searched } from './metrics.ts';
import type { Queues } from './queues.ts';

interface Shown {
  readonly fleet: string;
  readonly interval: Duration;
  readonly queues: Queues;
  readonly alarms: readonly Alarm[];
  /** Logs of the functions that report on targets. */
  readonly logs: readonly ILogGroup[];
}

/** A dashboard is 24 columns wide. */
const half = { width: 12, height: 6 };
const whole = { width: 24, height: 8 };

/** The dashboard of a fleet: its alarms, its numbers, and the targets that are stuck. */
export function dashboard(
  scope: Construct,
  { fleet, interval, queues, alarms, logs }: Shown,
): Dashboard {
  const made = new Dashboard(scope, 'Dashboard', {
    dashboardName: `rekey-${fleet}`,
    defaultInterval: Duration.days(1),
    periodOverride: PeriodOverride.INHERIT,
  });
  const now = (name: FleetMetric, label: string) =>
    fleetMetric(fleet, name, { label, period: interval });
  made.addWidgets(
    new AlarmStatusWidget({
      title: 'Alarms',
      width: 24,
      height: 3,
      alarms: [...alarms],
    }),
  );
  made.addWidgets(
    new SingleValueWidget({
      title: 'Targets',
      width: 24,
      height: 3,
      metrics: [
        now('TargetsDue', 'due'),
        now('TargetsWaiting', 'waiting for an account that is down'),
        now('TargetsFailing', 'failing'),
        now('TargetsBlocked', 'blocked'),
        now('CompromisedOpen', 'compromised, still alive'),
        now('CompromisesUnconfirmed', 'compromised, unconfirmed'),
        now('RegistriesDoubted', 'registries doubted'),
        now('RevocationsOverdue', 'revocations overdue'),
        now('AdminsRefused', 'admin credential refused'),
        now('SecretsMissing', 'secret missing'),
        now('TargetsRemoved', 'removed, still alive'),
      ],
    }),
  );
  const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
    new GraphWidget({ ...half, title, left, right });
  const age = (statistic: string) =>
    fleetMetric(fleet, 'CredentialAgeRatio', { statistic, label: statistic });
  made.addWidgets(
    graph('Age of current credentials, seconds', [
      searched(fleet, 'CredentialAge', 'Maximum', ['provider']),
      searched(fleet, 'CredentialAge', 'p90', ['provider']),
    ]),
    graph('Age as a share of the interval', [age('Maximum'), age('p90')]),
    graph(
      'Rotations and requests',
      [searched(fleet, 'Rotations', 'Sum', ['provider', 'reason'])],
      [searched(fleet, 'Requests', 'Sum', ['request'])],
    ),
    graph(
      'Failures and revocations',
      [searched(fleet, 'Failures', 'Sum', ['provider', 'reason'])],
      [
        fleetMetric(fleet, 'Revocations', { statistic: 'Sum', label: 'revoked' }),
        fleetMetric(fleet, 'OrphansRevoked', { statistic: 'Sum', label: 'orphans' }),
        fleetMetric(fleet, 'OrphansAlive', { statistic: 'Sum', label: 'orphans still alive' }),
        fleetMetric(fleet, 'RevocationsAbandoned', { statistic: 'Sum', label: 'abandoned' }),
      ],
    ),
    graph(
      'Providers: latency and throttled calls',
      [searched(fleet, 'VendorLatency', 'p90', ['provider'])],
      [searched(fleet, 'VendorThrottles', 'Sum', ['provider'])],
    ),
    graph(
      'Queue: depth and age of the oldest message',
      [depth(queues.work, 'waiting')],
      [
        queues.work.metricApproximateAgeOfOldestMessage({
          statistic: 'Maximum',
          label: 'age, seconds',
        }),
      ],
    ),
    graph('Dead letters', [
      depth(queues.deadLetters, 'work'),
      depth(queues.refusedRequests, 'requests'),
    ]),
    graph('Sweeps', [
      fleetMetric(fleet, 'SweepsCompleted', { statistic: 'Sum', label: 'completed' }),
    ]),
  );
  const logGroupNames = logs.map(({ logGroupName }) => logGroupName);
  const table = { ...whole, logGroupNames, view: LogQueryVisualizationType.TABLE };
  made.addWidgets(new LogQueryWidget({ ...table, title: 'Stuck targets', queryLines: stuck }));
  made.addWidgets(new LogQueryWidget({ ...table, title: 'Latest actions', queryLines: done }));
  return made;
}

const depth = (queue: Queues['work'], label: string) =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', label });

const stuck = [
  'fields @timestamp, target, provider, reason, errorClass, detail, message',
  'filter level in ["ERROR", "WARN"]',
  [
    'stats latest(@timestamp) as last, count(*) as times, latest(message) as what',
    'by target, provider, reason, errorClass',
  ].join(' '),
  'sort last desc',
  'limit 50',
];

const done = [
  'fields @timestamp, target, provider, action, reason, errorClass',
  'filter ispresent(action)',
  'sort @timestamp desc',
  'limit 50',
];
