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

/** The conditions under which an event is a request, and none that only rekey may announce. */
export const onlyRequests: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  StringEquals: { 'events:detail-type': [...requesterTypes] },
  'ForAllValues:StringNotEquals': { 'events:source': 'rekey' },
  // "for all values" is also true if the key is missing
  Null: { 'events:source': 'false' },
};

/** Lets these principals put requests on the bus, but no events with the source `rekey`. */
export function allowRequesters(bus: EventBus, requesters: readonly IPrincipal[]): void {
  for (const [index, principal] of requesters.entries()) {
    bus.addToResourcePolicy(
      new PolicyStatement({
        sid: `Requester${index + 1}`,
        principals: [principal],
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: onlyRequests,
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
 * Lets other accounts create rules on the bus, for rekey's events only, and change the rules of
 * their own account.
 */
export function allowReaders(bus: EventBus, { readers, organizationId }: Settings): void {
  const { partition, region, account } = Stack.of(bus);
  // a new rule has no creator yet, and some calls do not report one
  const own = { StringEqualsIfExists: { 'events:creatorAccount': `\${aws:PrincipalAccount}` } };
  const ofRekey = {
    'ForAllValues:StringEquals': { 'events:source': 'rekey' },
    // "for all values" is also true for a pattern without a source, which would match requests and
    // the text of their senders
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
