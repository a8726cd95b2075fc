import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Fleet } from '../core/fleet/index.ts';
import { onlyRequests } from './bus-policy.ts';
import { arnOf, patternsOf } from './secret-names.ts';

/**
 * Allows a grantee of this account to put requests on the bus, and no event that only rekey may
 * announce. `Compromise Confirmed`, which releases the brake, is not among them.
 */
export const grantRequests = (bus: EventBus, grantee: IGrantable): Grant =>
  Grant.addToPrincipal({
    grantee,
    actions: ['events:PutEvents'],
    resourceArns: [bus.eventBusArn],
    conditions: onlyRequests,
  });

/**
 * Allows a grantee of this account what `rekey plan`, `status`, `rotate`, `compromised` and
 * `rollback` need: to list and describe secrets, and to put requests on the bus. It includes no
 * value of a secret, and no admin secret.
 */
export function grantOperation(bus: EventBus, fleet: Fleet, grantee: IGrantable): Grant {
  const describe = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:DescribeSecret'],
    resourceArns: patternsOf(fleet).map((name) => arnOf(bus, name)),
  });
  // ListSecrets knows no resource; it returns no values
  const list = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:ListSecrets'],
    resourceArns: ['*'],
  });
  const bound = Grant.addToPrincipal({
    grantee,
    actions: ['events:DescribeEventBus'],
    resourceArns: [bus.eventBusArn],
  });
  return describe.combine(list).combine(bound).combine(grantRequests(bus, grantee));
}
