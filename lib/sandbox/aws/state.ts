import * as z from 'zod';

const value = z.union([
  z.object({ SecretString: z.string() }),
  z.object({ SecretBinary: z.string() }),
]);

const version = z.object({
  id: z.string(),
  createdAt: z.number(),
  accessedAt: z.number().optional(),
  stages: z.array(z.string()),
  /** Absent until a rotation function stores a value. */
  value: value.optional(),
});

const tag = z.object({ Key: z.string(), Value: z.string().optional() });

const rotationRules = z.object({
  AutomaticallyAfterDays: z.number().optional(),
  Duration: z.string().optional(),
  ScheduleExpression: z.string().optional(),
});

const secret = z.object({
  arn: z.string(),
  name: z.string(),
  description: z.string().optional(),
  kmsKeyId: z.string().optional(),
  owningService: z.string().optional(),
  tags: z.array(tag),
  createdAt: z.number(),
  changedAt: z.number(),
  accessedAt: z.number().optional(),
  rotatedAt: z.number().optional(),
  /** End of the recovery window. */
  deletionAt: z.number().optional(),
  /** Oldest first. */
  versions: z.array(version),
  rotation: z
    .object({ enabled: z.boolean(), lambdaArn: z.string(), rules: rotationRules })
    .optional(),
  /** Set on a replica. */
  primaryRegion: z.string().optional(),
  replicaRegions: z.array(z.string()).optional(),
});

const target = z.object({
  Id: z.string(),
  Arn: z.string(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  SqsParameters: z.object({ MessageGroupId: z.string() }).optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: z.number().optional(),
      MaximumEventAgeInSeconds: z.number().optional(),
    })
    .optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
});

const rule = z.object({
  name: z.string(),
  arn: z.string(),
  bus: z.string(),
  pattern: z.string().optional(),
  schedule: z.string().optional(),
  description: z.string().optional(),
  state: z.enum(['ENABLED', 'DISABLED']),
  targets: z.array(target),
});

const bus = z.object({ name: z.string(), arn: z.string(), createdAt: z.number() });
const queue = z.object({ name: z.string(), attributes: z.record(z.string(), z.string()) });

/** All state that survives a restart, in the form of the state file. Messages in queues do not. */
export const stateSchema = z.object({
  format: z.literal(1),
  secrets: z.array(secret),
  /** Names of forcibly deleted secrets, and when each becomes free. */
  releasing: z.array(z.object({ name: z.string(), freeAt: z.number() })).default([]),
  buses: z.array(bus),
  rules: z.array(rule),
  queues: z.array(queue),
});

/** The whole state. All times in it are in milliseconds since the epoch. */
export type State = z.infer<typeof stateSchema>;
/** A secret with its versions, its rotation and the regions of its replicas. */
export type SecretState = z.infer<typeof secret>;
/** A version of a secret. `stages` holds its staging labels. */
export type VersionState = z.infer<typeof version>;
/** A value as text, or as bytes in base64. */
export type SecretValue = z.infer<typeof value>;
/** An EventBridge rule with its targets. `bus` is a name, never an ARN. */
export type Rule = z.infer<typeof rule>;
/** A target of a rule, with the member names of PutTargets. A RoleArn is not kept. */
export type Target = z.infer<typeof target>;

/** The state of an account that holds nothing yet. */
export const emptyState = (): State => ({
  format: 1,
  secrets: [],
  releasing: [],
  buses: [],
  rules: [],
  queues: [],
});
