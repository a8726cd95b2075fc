import type { Account } from '../account.ts';
import type { Operations } from '../operation.ts';
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses } from './buses.ts';
import { type Envelope, putEvents, testEventPattern } from './put-events.ts';
import { deleteRule, describeRule, listRules, putRule, setRuleState } from './rules.ts';
import { listTargetsByRule, putTargets, removeTargets } from './targets.ts';

/** EventBridge, by operation. */
export const eventBridge = (
  account: Account,
  publish: (bus: string, envelope: Envelope) => void,
): Operations => ({
  PutEvents: putEvents(account, publish),
  TestEventPattern: testEventPattern(),
  CreateEventBus: createEventBus(account),
  DeleteEventBus: deleteEventBus(account),
  DescribeEventBus: describeEventBus(account),
  ListEventBuses: listEventBuses(account),
  PutRule: putRule(account),
  DescribeRule: describeRule(account),
  EnableRule: setRuleState(account, 'ENABLED'),
  DisableRule: setRuleState(account, 'DISABLED'),
  DeleteRule: deleteRule(account),
  ListRules: listRules(account),
  PutTargets: putTargets(account),
  RemoveTargets: removeTargets(account),
  ListTargetsByRule: listTargetsByRule(account),
});
