import * as z from 'zod';
import type { Account } from '../account.ts';
import { limitExceeded } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { page, pageToken } from '../page.ts';
import { busOfRule, findRule, ruleName } from './rules.ts';

const TARGET_LIMIT = 5;

// strict, because a transformation that was silently dropped would deliver something else than AWS does
const target = z.strictObject({
  Id: z.string().min(1).max(64),
  Arn: z.string().min(1).max(1600),
  Input: z.string().max(8192).optional(),
  InputPath: z.string().max(256).optional(),
  SqsParameters: z.object({ MessageGroupId: z.string().min(1) }).optional(),
  RoleArn: z.string().optional(),
  RetryPolicy: z.unknown().optional(),
  DeadLetterConfig: z.unknown().optional(),
});

export const putTargets = (account: Account) =>
  operation(
    z.object({ Rule: ruleName, EventBusName: busOfRule, Targets: z.array(target).min(1).max(100) }),
    ({ Rule, EventBusName, Targets }) => {
      const rule = findRule(account, Rule, EventBusName);
      const ids = new Set(Targets.map(({ Id }) => Id));
      const added = Targets.map(({ Id, Arn, Input, InputPath, SqsParameters }) => ({
        Id,
        Arn,
        ...(Input !== undefined && { Input }),
        ...(InputPath !== undefined && { InputPath }),
        ...(SqsParameters && { SqsParameters }),
      }));
      const next = [...rule.targets.filter(({ Id }) => !ids.has(Id)), ...added];
      if (next.length > TARGET_LIMIT) throw limitExceeded('The requested resource exceeds the maximum number allowed.');
      rule.targets = next;
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  );

export const removeTargets = (account: Account) =>
  operation(
    z.object({ Rule: ruleName, EventBusName: busOfRule, Ids: z.array(z.string()).min(1).max(100) }),
    ({ Rule, EventBusName, Ids }) => {
      const rule = findRule(account, Rule, EventBusName);
      rule.targets = rule.targets.filter(({ Id }) => !Ids.includes(Id));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  );

export const listTargetsByRule = (account: Account) =>
  operation(
    z.object({
      Rule: ruleName,
      EventBusName: busOfRule,
      Limit: z.int().min(1).max(100).optional(),
      NextToken: pageToken.optional(),
    }),
    ({ Rule, EventBusName, Limit, NextToken }) => {
      const { items, next } = page(findRule(account, Rule, EventBusName).targets, NextToken, Limit ?? 100);
      return { Targets: items, NextToken: next };
    },
  );
