import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, type IPrincipal, OrganizationPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { inboundTypes } from '../core/events/index.ts';
import type { Settings } from './settings.ts';

/** They may put requests on the bus, and say nothing in rekey's name. */
export function allowRequesters(bus: EventBus, requesters: readonly IPrincipal[]): void {
  for (const [index, principal] of requesters.entries()) {
    bus.addToResourcePolicy(
      new PolicyStatement({
        sid: `Requester${index + 1}`,
        principals: [principal],
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: {
          StringEquals: { 'events:detail-type': [...inboundTypes] },
          'ForAllValues:StringNotEquals': { 'events:source': 'rekey' },
          // a request without the key would pass "for all values"
          Null: { 'events:source': 'false' },
        },
      }),
    );
  }
}

const ruleActions = [
  'PutRule',
  'DeleteRule',
  'DescribeRule',
  'DisableRule',
  'EnableRule',
  'PutTargets',
  'RemoveTargets',
  'ListTargetsByRule',
].map((action) => `events:${action}`);

/** They may make rules on the bus for what rekey says, and change those of their own account only. */
export function allowReaders(bus: EventBus, { readers, organizationId }: Settings): void {
  const { partition, region, account } = Stack.of(bus);
  const allow = (sid: string, principals: readonly IPrincipal[]) =>
    bus.addToResourcePolicy(
      new PolicyStatement({
        sid,
        principals: [...principals],
        actions: ruleActions,
        resources: [`arn:${partition}:events:${region}:${account}:rule/${bus.eventBusName}/*`],
        // in the form of AWS's example for a bus that several accounts share: most of the calls bear only one of the keys
        conditions: { StringEqualsIfExists: { 'events:creatorAccount': `\${aws:PrincipalAccount}`, 'events:source': 'rekey' } },
      }),
    );
  if (readers.length > 0)
    allow(
      'Readers',
      readers.map((reader) => new AccountPrincipal(reader)),
    );
  if (organizationId) allow('OrganizationReads', [new OrganizationPrincipal(organizationId)]);
}
