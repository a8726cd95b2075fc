import * as z from 'zod';
import { type Account, epochSeconds, now } from '../account.ts';
import { AwsError, invalidParameter, invalidRequest, limitExceeded } from '../aws-error.ts';
import { operation } from '../operation.ts';
import { findAny, findWritable, onlyPrimary, secretId, tags } from './secret.ts';

const DAY = 86_400_000;
const TAG_LIMIT = 50;
/**
 * Forced deletion continues in the background. AWS does not document how long the name stays taken.
 */
const RELEASED_AFTER = 30_000;

/**
 * DeleteSecret: deletes after 7 to 30 days, 30 by default, or at once with
 * ForceDeleteWithoutRecovery, which succeeds for an unknown secret too. Throws
 * InvalidParameterException for another number of days, and InvalidRequestException while the
 * secret has replicas.
 */
export const deleteSecret = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      RecoveryWindowInDays: z.int().optional(),
      ForceDeleteWithoutRecovery: z.boolean().optional(),
    }),
    ({ SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force }) => {
      if (force && days !== undefined) {
        throw invalidParameter(
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        );
      }
      if (days !== undefined && (days < 7 || days > 30)) {
        throw invalidParameter(
          'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
        );
      }
      const time = now(account);
      if (force && !exists(account, SecretId))
        return { Name: SecretId, DeletionDate: epochSeconds(time) };
      const secret = force
        ? onlyPrimary(findAny(account, SecretId))
        : findWritable(account, SecretId);
      if (secret.replicaRegions?.length) {
        throw invalidRequest(
          [
            "You can't delete secret that still has replica regions:",
            `${secret.replicaRegions.join(', ')}.`,
          ].join(' '),
        );
      }
      secret.deletionAt = force ? time : time + (days ?? 30) * DAY;
      if (force) {
        account.state.secrets = account.state.secrets.filter((other) => other !== secret);
        account.state.releasing.push({ name: secret.name, freeAt: time + RELEASED_AFTER });
      }
      return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(secret.deletionAt) };
    },
  );

function exists(account: Account, id: string): boolean {
  try {
    return findAny(account, id) !== undefined;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return false;
    throw error;
  }
}

/** RestoreSecret: cancels a scheduled deletion. Succeeds if none is scheduled. */
export const restoreSecret = (account: Account) =>
  operation(z.object({ SecretId: secretId }), ({ SecretId }) => {
    const secret = onlyPrimary(findAny(account, SecretId));
    delete secret.deletionAt;
    return { ARN: secret.arn, Name: secret.name };
  });

/**
 * TagResource: adds tags and replaces those with the same key. Throws LimitExceededException for
 * more than 50 tags on a secret.
 */
export const tagResource = (account: Account) =>
  operation(z.object({ SecretId: secretId, Tags: tags.min(1) }), ({ SecretId, Tags }) => {
    const secret = findWritable(account, SecretId);
    const added = new Set(Tags.map(({ Key }) => Key));
    const next = [...secret.tags.filter(({ Key }) => !added.has(Key)), ...Tags];
    if (next.length > TAG_LIMIT)
      throw limitExceeded('You exceeded the maximum number of tags allowed on a secret.');
    secret.tags = next;
    secret.changedAt = now(account);
    return {};
  });

/** UntagResource, by key. Ignores unknown keys. */
export const untagResource = (account: Account) =>
  operation(
    z.object({ SecretId: secretId, TagKeys: z.array(z.string()).min(1) }),
    ({ SecretId, TagKeys }) => {
      const secret = findWritable(account, SecretId);
      secret.tags = secret.tags.filter(({ Key }) => !TagKeys.includes(Key));
      secret.changedAt = now(account);
      return {};
    },
  );

const region = z.string().regex(/^([a-z]+-)+\d+$/);

/**
 * ReplicateSecretToRegions. Throws InvalidParameterException for the region of the secret itself.
 */
export const replicateSecretToRegions = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      AddReplicaRegions: z.array(z.object({ Region: region })).min(1),
    }),
    ({ SecretId, AddReplicaRegions }) => {
      const secret = findWritable(account, SecretId);
      const added = AddReplicaRegions.map(({ Region }) => Region);
      if (added.includes(account.region)) throw invalidParameter('Invalid replica region.');
      secret.replicaRegions = [...new Set([...(secret.replicaRegions ?? []), ...added])];
      return {
        ARN: secret.arn,
        ReplicationStatus: secret.replicaRegions.map((Region) => ({ Region, Status: 'InSync' })),
      };
    },
  );

/** RemoveRegionsFromReplication: deletes the replicas there. Ignores regions without a replica. */
export const removeRegionsFromReplication = (account: Account) =>
  operation(
    z.object({ SecretId: secretId, RemoveReplicaRegions: z.array(region).min(1) }),
    ({ SecretId, RemoveReplicaRegions }) => {
      const secret = findWritable(account, SecretId);
      secret.replicaRegions = (secret.replicaRegions ?? []).filter(
        (one) => !RemoveReplicaRegions.includes(one),
      );
      return {
        ARN: secret.arn,
        ReplicationStatus: secret.replicaRegions.map((Region) => ({ Region, Status: 'InSync' })),
      };
    },
  );
