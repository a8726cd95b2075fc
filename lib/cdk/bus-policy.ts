import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import {
  AccountPrincipal,
  type IPrincipal,
  OrganizationPrincipal,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { requesterTypes } from '../core/events/index.ts';
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
          StringEquals: { 'events:detail-type': [...requesterTypes] },
          'ForAllValues:StringNotEquals': { 'events:source': 'rekey' },
          // a request without the key would pass "for all values"
          Null: { 'events:source': 'false' },
        },
      }),
    );
  }
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ruleActions = [
  'DeleteRule',
  'DescribeRule',
  'DisableRule',
  'EnableRule',
  'PutTargets',
  'RemoveTargets',
  'ListTargetsByRule',
].map((action) => `events:${action}`);

/**
 * They may make rules on the bus for what rekey says and nothing else, and change those of their
 * own account only.
 */
export function allowReaders(bus: EventBus, { readers, organizationId }: Settings): void {
  const { partition, region, account } = Stack.of(bus);
  // a rule that is only made now has no creator yet, and some of the calls do not name one
  const own = { StringEqualsIfExists: { 'events:creatorAccount': `\${aws:PrincipalAccount}` } };
  const ofRekey = {
    'ForAllValues:StringEquals': { 'events:source': 'rekey' },
    // a pattern without a source would pass "for all values", and take requests and what their
    // senders wrote
    Null: { 'events:source': 'false' },
  };
  const allow = (sid: string, principals: readonly IPrincipal[]) => {
    const statement = (which: string, actions: string[], conditions: Conditions) =>
      bus.addToResourcePolicy(
        new PolicyStatement({
          sid: `${sid}${which}`,
          principals: [...principals],
          actions,
          resources: [`arn:${partition}:events:${region}:${account}:rule/${bus.eventBusName}/*`],
          conditions,
        }),
      );
    statement('MakeRules', ['events:PutRule'], { ...own, ...ofRekey });
    statement('', ruleActions, own);
  };
  if (readers.length > 0)
    allow(
      'Readers',
      readers.map((reader) => new AccountPrincipal(reader)),
    );
  if (organizationId) allow('OrganizationReads', [new OrganizationPrincipal(organizationId)]);
}
