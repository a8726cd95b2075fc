import * as z from 'zod';
import { type Account, epochSeconds, now } from '../account.ts';
import { AwsError, invalidParameter, invalidRequest, notFound } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { page, pageToken } from '../page.ts';
import type { SecretState, VersionState } from '../state.ts';
import { filters, matching } from './filter.ts';
import {
  accessDate,
  describe,
  find,
  findAny,
  secretId,
  sortedStages,
  stagesMap,
} from './secret.ts';
import { CURRENT, stageName } from './stages.ts';

/** How long replicas take to follow a change, in milliseconds. */
export interface ReplicationLag {
  ms: number;
}

/**
 * DescribeSecret, also for a secret that is scheduled for deletion. Replicas are InProgress until
 * `replication.ms` milliseconds after the latest change.
 */
export const describeSecret = (account: Account, replication: ReplicationLag) =>
  operation(z.object({ SecretId: secretId }), ({ SecretId }) => {
    const secret = findAny(account, SecretId);
    return {
      ...describe(secret),
      VersionIdsToStages: stagesMap(secret),
      ReplicationStatus: secret.replicaRegions?.map((Region) => ({
        Region,
        Status: now(account) < secret.changedAt + replication.ms ? 'InProgress' : 'InSync',
      })),
    };
  });

/**
 * GetSecretValue: the version with AWSCURRENT by default. Throws ResourceNotFoundException for an
 * unknown version or one without a value, and InvalidRequestException if the version does not have
 * the label.
 */
export const getSecretValue = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      VersionId: z.string().min(32).max(64).optional(),
      VersionStage: stageName.optional(),
    }),
    ({ SecretId, VersionId, VersionStage }) =>
      readVersion(account, find(account, SecretId), VersionId, VersionStage),
  );

function readVersion(
  account: Account,
  secret: SecretState,
  id: string | undefined,
  stage: string | undefined,
) {
  const version = findVersion(secret, id, stage);
  if (!version?.value) {
    const wanted = id ? `VersionId: ${id}` : `staging label: ${stage ?? CURRENT}`;
    throw notFound(`Secrets Manager can't find the specified secret value for ${wanted}`);
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest(
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  version.accessedAt = secret.accessedAt = now(account);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...version.value,
    VersionStages: version.stages.length === 0 ? undefined : sortedStages(version),
    CreatedDate: epochSeconds(version.createdAt),
  };
}

function findVersion(
  { versions }: SecretState,
  id: string | undefined,
  stage = CURRENT,
): VersionState | undefined {
  return versions.find((version) =>
    id === undefined ? version.stages.includes(stage) : version.id === id,
  );
}

/**
 * BatchGetSecretValue: the current values of up to 20 secrets. A secret that cannot be read is an
 * entry of Errors and does not fail the call.
 */
export const batchGetSecretValue = (account: Account) =>
  operation(
    z.object({
      SecretIdList: z.array(secretId).min(1).max(20).optional(),
      Filters: filters.optional(),
      MaxResults: z.int().min(1).max(20).optional(),
      NextToken: pageToken.optional(),
    }),
    ({ SecretIdList, Filters, MaxResults, NextToken }) => {
      if ((SecretIdList === undefined) === (Filters === undefined)) {
        throw invalidParameter('Either SecretIdList or Filters must be provided, but not both.');
      }
      const found =
        Filters && account.state.secrets.filter(({ deletionAt }) => deletionAt === undefined);
      const ids = SecretIdList ?? matching(found ?? [], Filters ?? []).map(({ arn }) => arn);
      const { items, next } = page(ids, NextToken, MaxResults ?? 20);
      const answers = items.map((id) => attempt(account, id));
      return {
        SecretValues: answers.flatMap((answer) => ('ARN' in answer ? [answer] : [])),
        Errors: answers.flatMap((answer) => ('ARN' in answer ? [] : [answer])),
        NextToken: next,
      };
    },
  );

function attempt(account: Account, id: string) {
  try {
    return readVersion(account, find(account, id), undefined, undefined);
  } catch (error) {
    if (error instanceof AwsError)
      return { SecretId: id, ErrorCode: error.code, Message: error.message };
    throw error;
  }
}

/**
 * ListSecretVersionIds: oldest first, up to 100 a page. Versions without a label are listed only
 * with IncludeDeprecated.
 */
export const listSecretVersionIds = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      IncludeDeprecated: z.boolean().optional(),
      MaxResults: z.int().min(1).max(100).optional(),
      NextToken: pageToken.optional(),
    }),
    ({ SecretId, IncludeDeprecated, MaxResults, NextToken }) => {
      const secret = findAny(account, SecretId);
      const listed = secret.versions.filter(({ stages }) => IncludeDeprecated || stages.length > 0);
      const { items, next } = page(listed, NextToken, MaxResults ?? 100);
      return {
        ARN: secret.arn,
        Name: secret.name,
        Versions: items.map((version) => ({
          VersionId: version.id,
          VersionStages: version.stages.length === 0 ? undefined : sortedStages(version),
          CreatedDate: epochSeconds(version.createdAt),
          LastAccessedDate: accessDate(version.accessedAt),
          KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
        })),
        NextToken: next,
      };
    },
  );
