import { Stack } from 'aws-cdk-lib';
import { CfnRule, EventBus } from 'aws-cdk-lib/aws-events';
import { CfnResourcePolicy, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { inboundTypes } from '../core/events/index.ts';
import { allowReaders, allowRequesters } from './bus-policy.ts';
import { schemaRegistry } from './event-schemas.ts';
import type { Settings } from './settings.ts';

const ours = { source: ['rekey'] };

/** The bus of a fleet, with its archive, log, event schemas and resource policy. */
export function fleetBus(scope: Construct, fleet: string, settings: Settings): EventBus {
  const bus = new EventBus(scope, 'Bus', {
    eventBusName: `rekey-${fleet}`,
    description: `Events of rekey for the fleet ${fleet}`,
  });
  // only rekey's own events, so that a replay never requests a rotation
  bus.archive('Archive', {
    archiveName: `rekey-${fleet}`,
    eventPattern: ours,
    retention: settings.archiveRetention,
  });
  history(scope, fleet, bus, settings);
  schemaRegistry(scope, fleet);
  allowRequesters(bus, settings.requesters);
  allowReaders(bus, settings);
  return bus;
}

/** Matches rekey's events, and requests, which may have any source. */
const saidAndAsked = { $or: [ours, { 'detail-type': [...inboundTypes] }] };

/** Keeps every event and request in a log group. */
function history(
  scope: Construct,
  fleet: string,
  bus: EventBus,
  { removalPolicy, logRetention }: Settings,
): void {
  const logGroupName = `/aws/events/rekey-${fleet}`;
  const group = new LogGroup(scope, 'History', {
    logGroupName,
    retention: logRetention,
    removalPolicy,
  });
  const { partition, region, account } = Stack.of(scope);
  const arn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
  const rule = new CfnRule(scope, 'EveryEvent', {
    eventBusName: bus.eventBusName,
    eventPattern: saidAndAsked,
    targets: [{ id: 'history', arn }],
  });
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${arn}:*`,
    Condition: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
  };
  new CfnResourcePolicy(scope, 'HistoryPolicy', {
    policyName: `rekey-${fleet}-history`,
    policyDocument: Stack.of(scope).toJsonString({ Version: '2012-10-17', Statement: [statement] }),
  }).node.addDependency(group);
}
