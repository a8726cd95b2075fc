import * as z from 'zod';
import type { Account } from '../account.ts';
import { limitExceeded, validation } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { page, pageToken } from '../page.ts';
import type { Target } from '../state.ts';
import { busOfRule, findRule, ruleName } from './rules.ts';

const TARGET_LIMIT = 5;

// strict: silently dropping a transformation would deliver something other than AWS does
const target = z.strictObject({
  Id: z.string().min(1).max(64),
  Arn: z.string().min(1).max(1600),
  Input: z.string().max(8192).optional(),
  InputPath: z.string().max(256).optional(),
  SqsParameters: z.object({ MessageGroupId: z.string().min(1) }).optional(),
  RoleArn: z.string().optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: z.int().min(60).max(86_400).optional(),
    })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string().min(1).max(1600).optional() }).optional(),
});

type Wanted = z.infer<typeof target>;

/**
 * Refuses a target that AWS refuses, or that EventBridge could not deliver to, so that no event is
 * lost silently.
 */
function check({ state }: Account, { Id, Arn, SqsParameters, DeadLetterConfig }: Wanted): void {
  if (
    DeadLetterConfig?.Arn !== undefined &&
    !/^arn:aws:sqs:.*(?<!\.fifo)$/.test(DeadLetterConfig.Arn)
  ) {
    throw validation(`The dead-letter queue of target ${Id} must be a standard queue.`);
  }
  if (!Arn.startsWith('arn:aws:sqs:') || !Arn.endsWith('.fifo')) return;
  if (!SqsParameters)
    throw validation(`Parameter(s) MessageGroupId must be specified for target: ${Id}.`);
  const queue = state.queues.find(({ name }) => Arn.endsWith(`:${name}`));
  // EventBridge sends no deduplication id, so such a queue would refuse every message
  if (queue && queue.attributes.ContentBasedDeduplication !== 'true') {
    throw validation(`The FIFO queue of target ${Id} must have content-based deduplication.`);
  }
}

/** The target as it was put, without absent members: the state file has no `undefined`. */
const kept = ({ RoleArn: _, ...wanted }: Wanted) =>
  Object.fromEntries(
    Object.entries(wanted).filter(([, value]) => value !== undefined),
  ) as unknown as Target;

/**
 * PutTargets: adds targets and replaces those with the same Id, all of them or none. Throws
 * ValidationException for a FIFO queue that would refuse the events and for a dead-letter queue
 * that is not a standard queue, and LimitExceededException for more than 5 targets on a rule.
 */
export const putTargets = (account: Account) =>
  operation(
    z.object({ Rule: ruleName, EventBusName: busOfRule, Targets: z.array(target).min(1).max(100) }),
    ({ Rule, EventBusName, Targets }) => {
      const rule = findRule(account, Rule, EventBusName);
      const ids = new Set(Targets.map(({ Id }) => Id));
      for (const one of Targets) check(account, one);
      const next = [...rule.targets.filter(({ Id }) => !ids.has(Id)), ...Targets.map(kept)];
      if (next.length > TARGET_LIMIT)
        throw limitExceeded('The requested resource exceeds the maximum number allowed.');
      rule.targets = next;
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  );

/** RemoveTargets, by Id. Ignores unknown Ids. */
export const removeTargets = (account: Account) =>
  operation(
    z.object({ Rule: ruleName, EventBusName: busOfRule, Ids: z.array(z.string()).min(1).max(100) }),
    ({ Rule, EventBusName, Ids }) => {
      const rule = findRule(account, Rule, EventBusName);
      rule.targets = rule.targets.filter(({ Id }) => !Ids.includes(Id));
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  );

/** ListTargetsByRule: targets in the form of the API, up to 100 a page. */
export const listTargetsByRule = (account: Account) =>
  operation(
    z.object({
      Rule: ruleName,
      EventBusName: busOfRule,
      Limit: z.int().min(1).max(100).optional(),
      NextToken: pageToken.optional(),
    }),
    ({ Rule, EventBusName, Limit, NextToken }) => {
      const { items, next } = page(
        findRule(account, Rule, EventBusName).targets,
        NextToken,
        Limit ?? 100,
      );
      return { Targets: items, NextToken: next };
    },
  );
