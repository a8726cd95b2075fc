import * as z from 'zod';
import type { Account } from '../account.ts';
import { limitExceeded, notFound, validation } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { page, pageToken } from '../page.ts';
import type { Rule } from '../state.ts';
import { nameOfBus, requireBus } from './buses.ts';
import { eventPattern } from './event-pattern.ts';

const RULE_LIMIT = 300;

/** The name of a rule: 1 to 64 letters, digits, periods, hyphens and underscores. */
export const ruleName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[.\-_A-Za-z0-9]+$/);

/** The bus of a rule, by name or ARN. Without it, operations use the default bus. */
export const busOfRule = z.string().max(1600).optional();

/** The rule with this name on this bus. Throws ResourceNotFoundException if either is unknown. */
export function findRule(account: Account, name: string, bus: string | undefined): Rule {
  const on = requireBus(account, bus).name;
  const rule = account.state.rules.find((one) => one.name === name && one.bus === on);
  if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${on}.`);
  return rule;
}

/**
 * PutRule: creates a rule, or replaces one and keeps its targets. A schedule is stored and never
 * runs. Throws LimitExceededException for more than 300 rules on a bus.
 */
export const putRule = (account: Account) =>
  operation(
    z.object({
      Name: ruleName,
      EventBusName: busOfRule,
      EventPattern: z.string().max(4096).optional(),
      ScheduleExpression: z.string().max(256).optional(),
      Description: z.string().max(512).optional(),
      State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    }),
    (input) => {
      if (!input.EventPattern && !input.ScheduleExpression) {
        throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
      }
      if (input.EventPattern) eventPattern(input.EventPattern);
      const bus = requireBus(account, input.EventBusName).name;
      const existing = account.state.rules.find(
        ({ name, bus: on }) => name === input.Name && on === bus,
      );
      const others = account.state.rules.filter((rule) => rule !== existing);
      if (others.filter((rule) => rule.bus === bus).length >= RULE_LIMIT)
        throw limitExceeded('Too many rules on the event bus.');
      const path = bus === 'default' ? input.Name : `${bus}/${input.Name}`;
      const rule: Rule = {
        name: input.Name,
        arn: `arn:aws:events:${account.region}:${account.id}:rule/${path}`,
        bus,
        ...(input.EventPattern && { pattern: input.EventPattern }),
        ...(input.ScheduleExpression && { schedule: input.ScheduleExpression }),
        ...(input.Description && { description: input.Description }),
        state: input.State,
        targets: existing?.targets ?? [],
      };
      account.state.rules = [...others, rule];
      return { RuleArn: rule.arn };
    },
  );

const named = z.object({ Name: ruleName, EventBusName: busOfRule });

/** DescribeRule. Throws ResourceNotFoundException for an unknown rule or bus. */
export const describeRule = (account: Account) =>
  operation(named, ({ Name, EventBusName }) => describe(findRule(account, Name, EventBusName)));

/** EnableRule and DisableRule. A disabled rule delivers nothing. */
export const setRuleState = (account: Account, state: Rule['state']) =>
  operation(named, ({ Name, EventBusName }) => {
    findRule(account, Name, EventBusName).state = state;
    return {};
  });

/**
 * DeleteRule. Succeeds for an unknown rule. Throws ValidationException for a rule that has targets.
 */
export const deleteRule = (account: Account) =>
  operation(named, ({ Name, EventBusName }) => {
    const bus = requireBus(account, EventBusName).name;
    const rule = account.state.rules.find((one) => one.name === Name && one.bus === bus);
    if (rule?.targets.length) throw validation("Rule can't be deleted since it has targets.");
    account.state.rules = account.state.rules.filter((one) => one !== rule);
    return {};
  });

/** ListRules: the rules of one bus whose name begins with the prefix, up to 100 a page. */
export const listRules = (account: Account) =>
  operation(
    z.object({
      EventBusName: busOfRule,
      NamePrefix: z.string().optional(),
      Limit: z.int().min(1).max(100).optional(),
      NextToken: pageToken.optional(),
    }),
    ({ EventBusName, NamePrefix, Limit, NextToken }) => {
      const bus = nameOfBus(requireBus(account, EventBusName).name);
      const rules = account.state.rules.filter(
        (rule) => rule.bus === bus && rule.name.startsWith(NamePrefix ?? ''),
      );
      const { items, next } = page(rules, NextToken, Limit ?? 100);
      return { Rules: items.map(describe), NextToken: next };
    },
  );

const describe = ({ name, arn, bus, pattern, schedule, description, state }: Rule) => ({
  Name: name,
  Arn: arn,
  EventBusName: bus,
  EventPattern: pattern,
  ScheduleExpression: schedule,
  Description: description,
  State: state,
});
