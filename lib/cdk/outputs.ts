import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { RekeyProps } from './props.ts';

/** The outputs of the stack: where to subscribe, where to look, and what to type. */
export function outputs(
  scope: Construct,
  { bus, dashboard }: { readonly bus: EventBus; readonly dashboard: Dashboard },
  { fleetFile, providers }: RekeyProps,
): void {
  const { region } = Stack.of(scope);
  const console = `https://${region}.console.aws.amazonaws.com/cloudwatch/home`;
  const output = (id: string, value: string, description: string) =>
    new CfnOutput(scope, id, { value, description });
  output('BusName', bus.eventBusName, 'Subscribe to events and send requests here');
  output(
    'DashboardUrl',
    `${console}?region=${region}#dashboards:name=${dashboard.dashboardName}`,
    'The dashboard of the fleet',
  );
  // the command needs a file: a fleet that is an object has none
  if (fleetFile === undefined) return;
  const own = providers === undefined ? [] : ['--providers', providers];
  output(
    'StatusCommand',
    ['npx cdk-rekey', ...own, '--fleet', fleetFile, 'plan'].join(' '),
    'Shows what is due for each target, and why',
  );
}
