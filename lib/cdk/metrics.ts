import { Duration } from 'aws-cdk-lib';
import { Metric, SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';

/** The metrics of a whole fleet, as the functions emit them. */
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

/** A metric of the whole fleet. @default the maximum over 5 minutes */
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
 * Draws a line for each combination of dimensions that exists, such as provider and reason. So a
 * new provider needs no change of the dashboard.
 */
export function searched(
  fleet: string,
  metric: Detailed,
  statistic: string,
  dimensions: readonly string[],
): SearchExpression {
  const schema = [namespace, 'fleet', ...dimensions].join(',');
  const names = dimensions.map((dimension) => `\${PROP('Dim.${dimension}')}`).join(' ');
  const wanted = `{${schema}} MetricName="${metric}" fleet="${fleet}"`;
  return new SearchExpression({
    expression: `SEARCH('${wanted}', '${statistic}', 300)`,
    label: `${names} ${statistic}`,
    period: Duration.minutes(5),
  });
}
