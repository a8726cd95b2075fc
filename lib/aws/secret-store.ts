import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  RotateSecretCommand,
  type SecretListEntry,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { RekeyError } from '../core/errors.ts';
import { FLEET_TAG } from '../core/fleet/target.ts';
import type { SecretStore, Snapshot } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { awsFailure, nameOf } from './failure.ts';

/** AWS Secrets Manager as the store. */
export function secretsManagerStore(client: SecretsManagerClient): SecretStore {
  async function describe(secret: string): Promise<Snapshot | undefined> {
    try {
      const answer = await client.send(new DescribeSecretCommand({ SecretId: secret }));
      return { ...snapshot(answer, answer.VersionIdsToStages), ...replicasOf(answer) };
    } catch (error) {
      if (nameOf(error) === 'ResourceNotFoundException') return undefined;
      throw awsFailure(error, `DescribeSecret of ${secret}`);
    }
  }

  /** What a refused write means. Most of Secrets Manager's exceptions have several causes, so the secret is looked at. */
  async function refused(error: unknown, operation: string, secret: string): Promise<unknown> {
    const name = nameOf(error);
    if (name === 'LimitExceededException') {
      return new RekeyError('label-limit', `secret ${secret} has no room for another staging label or version`, { cause: error });
    }
    if (name !== 'ResourceNotFoundException' && name !== 'InvalidRequestException')
      return awsFailure(error, `${operation} of ${secret}`);
    const found = await describe(secret);
    if (!found) return new RekeyError('secret-missing', `secret ${secret} does not exist`, { cause: error });
    if (found.deletedAt) return new RekeyError('secret-missing', `secret ${secret} is scheduled for deletion`, { cause: error });
    if (name === 'ResourceNotFoundException') return awsFailure(error, `${operation} of ${secret}`);
    return new RekeyError(
      'forbidden',
      `secret ${secret} does not take ${operation}: it may be a replica, or not be set up for it`,
      { cause: error },
    );
  }

  return {
    describe,

    async *list(fleet) {
      const Filters = [
        { Key: 'tag-key' as const, Values: [FLEET_TAG] },
        { Key: 'tag-value' as const, Values: [fleet] },
      ];
      try {
        // ListSecrets may answer from a picture five minutes old, in which a page holds any number of secrets
        for await (const { SecretList } of paginateListSecrets(
          { client, pageSize: 100 },
          { Filters, IncludePlannedDeletion: true },
        )) {
          for (const entry of SecretList ?? []) {
            if (belongsTo(entry, fleet)) yield snapshot(entry, entry.SecretVersionsToStages);
          }
        }
      } catch (error) {
        throw awsFailure(error, 'ListSecrets');
      }
    },

    async read(secret, versionId) {
      try {
        const answer = await client.send(new GetSecretValueCommand({ SecretId: secret, VersionId: versionId }));
        const value = answer.SecretString ?? (answer.SecretBinary && Buffer.from(answer.SecretBinary).toString());
        return value === undefined ? undefined : new Secret(value);
      } catch (error) {
        if (nameOf(error) === 'ResourceNotFoundException') return undefined;
        // scheduled for deletion, unless it is something we do not know
        if (nameOf(error) === 'InvalidRequestException' && (await describe(secret))?.deletedAt) return undefined;
        throw awsFailure(error, `GetSecretValue of ${secret}`);
      }
    },

    async put(secret, versionId, value, labels, rotationToken) {
      try {
        await client.send(
          new PutSecretValueCommand({
            SecretId: secret,
            ClientRequestToken: versionId,
            SecretString: value.reveal(),
            VersionStages: [...labels],
            RotationToken: rotationToken,
          }),
        );
        return 'stored';
      } catch (error) {
        if (nameOf(error) === 'ResourceExistsException') return 'exists';
        throw await refused(error, 'PutSecretValue', secret);
      }
    },

    async rotate(secret, versionId) {
      try {
        await client.send(new RotateSecretCommand({ SecretId: secret, ClientRequestToken: versionId }));
        return 'started';
      } catch (error) {
        // it stands for other mistakes too, so only the secret itself can tell whether a rotation is under way
        const found = nameOf(error) === 'InvalidRequestException' ? await describe(secret) : undefined;
        if (found && !found.deletedAt && isHalfDone(found)) return 'under-way';
        throw await refused(error, 'RotateSecret', secret);
      }
    },

    async label(secret, label, { from, to }) {
      try {
        await client.send(
          new UpdateSecretVersionStageCommand({
            SecretId: secret,
            VersionStage: label,
            RemoveFromVersionId: from,
            MoveToVersionId: to,
          }),
        );
        return true;
      } catch (error) {
        // both also stand for other mistakes, so only the secret itself can tell whether the label was elsewhere
        const maybeElsewhere = ['InvalidParameterException', 'ResourceNotFoundException'].includes(nameOf(error));
        const found = maybeElsewhere ? await describe(secret) : undefined;
        if (found && !found.deletedAt && isElsewhere(found, label, from, to)) return false;
        throw await refused(error, 'UpdateSecretVersionStage', secret);
      }
    },
  };
}

/** AWSPENDING sits on a version that is not the current one. */
const isHalfDone = ({ versions }: Snapshot): boolean =>
  Object.values(versions).some((stages) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'));

function isElsewhere({ versions }: Snapshot, label: string, from: string | undefined, to: string | undefined): boolean {
  const holder = Object.keys(versions).find((id) => versions[id]?.includes(label));
  return from === undefined ? holder !== undefined && holder !== to : holder !== from;
}

/** The two filters of ListSecrets are prefixes, and may be met by two different tags. */
const belongsTo = ({ Tags }: SecretListEntry, fleet: string): boolean =>
  (Tags ?? []).some(({ Key, Value }) => Key === FLEET_TAG && Value === fleet);

const replicasOf = ({ ReplicationStatus = [] }: DescribeSecretCommandOutput): Pick<Snapshot, 'replicas'> =>
  ReplicationStatus.length > 0
    ? { replicas: ReplicationStatus.map(({ Region = '', Status }) => ({ region: Region, inSync: Status === 'InSync' })) }
    : {};

type Described = Pick<SecretListEntry, 'ARN' | 'Name' | 'DeletedDate'>;

const snapshot = ({ ARN = '', Name = '', DeletedDate }: Described, stages: Record<string, string[]> = {}): Snapshot => ({
  arn: ARN,
  name: Name,
  ...(DeletedDate && { deletedAt: DeletedDate }),
  versions: stages,
});
