import { Stack } from 'aws-cdk-lib';
import { CfnRule, EventBus } from 'aws-cdk-lib/aws-events';
import { CfnResourcePolicy, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { inboundTypes } from '../core/events/index.ts';
import { allowReaders, allowRequesters } from './bus-policy.ts';
import { eventSchemas } from './event-schemas.ts';
import type { Settings } from './settings.ts';

const ours = { source: ['rekey'] };

/**
 * The bus of a fleet, with its archive, its history, the schemas of what is said on it, and who
 * else may use it.
 */
export function fleetBus(scope: Construct, fleet: string, settings: Settings): EventBus {
  const bus = new EventBus(scope, 'Bus', {
    eventBusName: `rekey-${fleet}`,
    description: `What rekey did to the fleet ${fleet}`,
  });
  // only what rekey said: a replay never asks for a rotation
  bus.archive('Archive', {
    archiveName: `rekey-${fleet}`,
    eventPattern: ours,
    retention: settings.archiveRetention,
  });
  history(scope, fleet, bus, settings);
  eventSchemas(scope, fleet);
  allowRequesters(bus, settings.requesters);
  allowReaders(bus, settings);
  return bus;
}

/**
 * What is kept: all that rekey says, and who asked for what. A pattern of alternatives, as a
 * request has any source.
 */
const saidAndAsked = { $or: [ours, { 'detail-type': [...inboundTypes] }] };

/** Everything rekey said, and was asked, in a log group: its past. */
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
  const rule = new CfnRule(scope, 'EverythingSaid', {
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
