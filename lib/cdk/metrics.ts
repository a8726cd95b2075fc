import { Duration } from 'aws-cdk-lib';
import { Metric, SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';

/** What the functions measure of the whole fleet. */
export type FleetMetric =
  | 'SweepsCompleted'
  | 'TargetsDue'
  | 'TargetsWaiting'
  | 'TargetsFailing'
  | 'TargetsBlocked'
  | 'CompromisedOpen'
  | 'CompromisesUnconfirmed'
  | 'RegistriesDoubted'
  | 'RevocationsOverdue'
  | 'RevocationsAbandoned'
  | 'AdminsRefused'
  | 'SecretsMissing'
  | 'TargetsRemoved'
  | 'CredentialAge'
  | 'CredentialAgeRatio'
  | 'Rotations'
  | 'Failures'
  | 'Revocations'
  | 'OrphansRevoked'
  | 'OrphansAlive'
  | 'Requests'
  | 'MessagesRefused';

const namespace = 'rekey';

export const fleetMetric = (
  fleet: string,
  metricName: FleetMetric,
  { statistic = 'Maximum', period = Duration.minutes(5), label = '' } = {},
): Metric =>
  new Metric({
    namespace,
    metricName,
    dimensionsMap: { fleet },
    statistic,
    period,
    ...(label && { label }),
  });

type Detailed =
  | 'CredentialAge'
  | 'Rotations'
  | 'Failures'
  | 'Requests'
  | 'VendorLatency'
  | 'VendorThrottles';

/**
 * A line for each provider, or provider and reason, that there is: none is named, so that a new one
 * needs no new dashboard.
 */
export function searched(
  fleet: string,
  metric: Detailed,
  statistic: string,
  dimensions: readonly string[],
): SearchExpression {
  const schema = [namespace, 'fleet', ...dimensions].join(',');
  const names = dimensions.map((dimension) => `\${PROP('Dim.${dimension}')}`).join(' ');
  return new SearchExpression({
    expression: `SEARCH('{${schema}} MetricName="${metric}" fleet="${fleet}"', '${statistic}', 300)`,
    label: `${names} ${statistic}`,
    period: Duration.minutes(5),
  });
}
