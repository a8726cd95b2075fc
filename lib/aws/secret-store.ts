import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretListEntry,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { RekeyError } from '../core/errors.ts';
import { FLEET_TAG } from '../core/fleet/target.ts';
import type { SecretStore, Snapshot } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { caller, type Limits } from './calls.ts';
import { awsFailure, nameOf } from './failure.ts';
import { causeOf, sentOnce } from './sent-once.ts';

/**
 * AWS Secrets Manager as the secret store. Throws `forbidden`, `secret-missing`, `label-limit` or
 * `aws-failed`; AWS's own error is the `cause`.
 */
export function secretsManagerStore(
  client: SecretsManagerClient,
  limits: Limits = {},
): SecretStore {
  const call = caller(limits);
  /** For a write that must not be cut short: no signal ends it. */
  const whole = caller({ ...limits, signal: undefined });
  const failure = (error: unknown, what: string, signal?: AbortSignal) =>
    awsFailure(error, what, signal, limits.signal);

  async function describe(secret: string, signal?: AbortSignal): Promise<Snapshot | undefined> {
    try {
      const command = new DescribeSecretCommand({ SecretId: secret });
      const answer = await call(signal, (options) => client.send(command, options));
      return { ...snapshot(answer, answer.VersionIdsToStages), ...replicasOf(answer) };
    } catch (error) {
      if (nameOf(error) === 'ResourceNotFoundException') return undefined;
      throw failure(error, `DescribeSecret of ${secret}`, signal);
    }
  }

  /**
   * The error for a refused write. Most of Secrets Manager's exceptions have several causes, so the
   * secret itself is described to find out.
   */
  async function refused(
    error: unknown,
    operation: string,
    secret: string,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const name = nameOf(error);
    if (name === 'LimitExceededException') {
      return new RekeyError(
        'label-limit',
        `secret ${secret} has no room for another staging label or version`,
        { cause: error },
      );
    }
    if (name !== 'ResourceNotFoundException' && name !== 'InvalidRequestException')
      return failure(error, `${operation} of ${secret}`, signal);
    const found = await describe(secret, signal);
    if (!found)
      return new RekeyError('secret-missing', `secret ${secret} does not exist`, { cause: error });
    if (found.deletedAt)
      return new RekeyError('secret-missing', `secret ${secret} is scheduled for deletion`, {
        cause: error,
      });
    if (name === 'ResourceNotFoundException') return failure(error, `${operation} of ${secret}`);
    return new RekeyError(
      'forbidden',
      `secret ${secret} does not allow ${operation}: it may be a replica, or lack the setup for it`,
      { cause: error },
    );
  }

  return {
    describe,

    async *list(fleet, signal) {
      const Filters = [
        { Key: 'tag-key' as const, Values: [FLEET_TAG] },
        { Key: 'tag-value' as const, Values: [fleet] },
      ];
      let NextToken: string | undefined;
      do {
        // the answer may be up to five minutes old; a page may have any number of secrets, even
        // none
        const command = new ListSecretsCommand({
          Filters,
          IncludePlannedDeletion: true,
          MaxResults: 100,
          NextToken,
        });
        const page = await call(signal, (options) => client.send(command, options)).catch(
          (error: unknown) => {
            throw failure(error, 'ListSecrets', signal);
          },
        );
        for (const entry of page.SecretList ?? []) {
          if (belongsTo(entry, fleet)) yield snapshot(entry, entry.SecretVersionsToStages);
        }
        NextToken = page.NextToken;
      } while (NextToken);
    },

    async read(secret, versionId, signal) {
      try {
        const command = new GetSecretValueCommand({ SecretId: secret, VersionId: versionId });
        const answer = await call(signal, (options) => client.send(command, options));
        const value =
          answer.SecretString ??
          (answer.SecretBinary && Buffer.from(answer.SecretBinary).toString());
        return value === undefined ? undefined : new Secret(value);
      } catch (error) {
        if (nameOf(error) === 'ResourceNotFoundException') return undefined;
        // most likely the secret is scheduled for deletion; describe it to be sure
        if (
          nameOf(error) === 'InvalidRequestException' &&
          (await describe(secret, signal))?.deletedAt
        )
          return undefined;
        throw failure(error, `GetSecretValue of ${secret}`, signal);
      }
    },

    async put(secret, versionId, value, labels, rotationToken) {
      try {
        const command = new PutSecretValueCommand({
          SecretId: secret,
          ClientRequestToken: versionId,
          SecretString: value.reveal(),
          VersionStages: [...labels],
          RotationToken: rotationToken,
        });
        await whole(undefined, (options) => client.send(command, options));
        return 'stored';
      } catch (error) {
        if (nameOf(error) === 'ResourceExistsException') return 'exists';
        throw await refused(error, 'PutSecretValue', secret);
      }
    },

    async rotate(secret, versionId, signal) {
      try {
        const command = new RotateSecretCommand({
          SecretId: secret,
          ClientRequestToken: versionId,
        });
        await call(signal, (options) => client.send(command, options));
        return 'started';
      } catch (error) {
        // the exception has other causes too; only the secret's versions show whether a rotation is
        // under way
        const found =
          nameOf(error) === 'InvalidRequestException' ? await describe(secret, signal) : undefined;
        if (found && !found.deletedAt && isHalfDone(found)) return 'under-way';
        throw await refused(error, 'RotateSecret', secret, signal);
      }
    },

    async label(secret, label, { from, to }, { signal, beforeSend } = {}) {
      try {
        const input = {
          SecretId: secret,
          VersionStage: label,
          RemoveFromVersionId: from,
          MoveToVersionId: to,
        };
        const command = new UpdateSecretVersionStageCommand(input);
        if (beforeSend) sentOnce(command, beforeSend);
        await call(signal, (options) => client.send(command, options));
        return true;
      } catch (thrown) {
        const error = causeOf(thrown);
        // both exceptions have other causes too; only the secret's versions show whether the label
        // was elsewhere
        const maybeElsewhere = ['InvalidParameterException', 'ResourceNotFoundException'].includes(
          nameOf(error),
        );
        const found = maybeElsewhere ? await describe(secret, signal) : undefined;
        if (found && !found.deletedAt && isElsewhere(found, label, from, to)) return false;
        throw await refused(error, 'UpdateSecretVersionStage', secret, signal);
      }
    },
  };
}

/** True if AWSPENDING is on a version that is not the current one. */
const isHalfDone = ({ versions }: Snapshot): boolean =>
  Object.values(versions).some(
    (stages) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'),
  );

function isElsewhere(
  { versions }: Snapshot,
  label: string,
  from: string | undefined,
  to: string | undefined,
): boolean {
  const holder = Object.keys(versions).find((id) => versions[id]?.includes(label));
  return from === undefined ? holder !== undefined && holder !== to : holder !== from;
}

/** The filters of ListSecrets match prefixes, and two different tags can satisfy them. */
const belongsTo = ({ Tags }: SecretListEntry, fleet: string): boolean =>
  (Tags ?? []).some(({ Key, Value }) => Key === FLEET_TAG && Value === fleet);

const replicasOf = ({
  ReplicationStatus = [],
}: DescribeSecretCommandOutput): Pick<Snapshot, 'replicas'> =>
  ReplicationStatus.length > 0
    ? {
        replicas: ReplicationStatus.map(({ Region = '', Status }) => ({
          region: Region,
          inSync: Status === 'InSync',
        })),
      }
    : {};

type Described = Pick<SecretListEntry, 'ARN' | 'Name' | 'DeletedDate'>;

const snapshot = (
  { ARN = '', Name = '', DeletedDate }: Described,
  stages: Record<string, string[]> = {},
): Snapshot => ({
  arn: ARN,
  name: Name,
  ...(DeletedDate && { deletedAt: DeletedDate }),
  versions: stages,
});
