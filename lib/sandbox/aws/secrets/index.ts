import type { Account } from '../account.ts';
import type { Operations } from '../operation.ts';
import {
  deleteSecret,
  removeRegionsFromReplication,
  replicateSecretToRegions,
  restoreSecret,
  tagResource,
  untagResource,
} from './lifecycle.ts';
import { type ListLag, listSecrets } from './list.ts';
import { getRandomPassword } from './random-password.ts';
import {
  batchGetSecretValue,
  describeSecret,
  getSecretValue,
  listSecretVersionIds,
  type ReplicationLag,
} from './read.ts';
import { cancelRotateSecret, type RotationWiring, rotateSecret } from './rotation.ts';
import { updateSecretVersionStage } from './stages.ts';
import { createSecret, putSecretValue, updateSecret } from './versions.ts';

interface Lags {
  readonly list: ListLag;
  readonly replication: ReplicationLag;
}

/** Secrets Manager, by operation. */
export const secretsManager = (
  account: Account,
  lags: Lags,
  wiring: RotationWiring,
): Operations => ({
  CreateSecret: createSecret(account),
  DescribeSecret: describeSecret(account, lags.replication),
  GetSecretValue: getSecretValue(account),
  BatchGetSecretValue: batchGetSecretValue(account),
  PutSecretValue: putSecretValue(account),
  UpdateSecret: updateSecret(account),
  UpdateSecretVersionStage: updateSecretVersionStage(account),
  ListSecrets: listSecrets(account, lags.list),
  ListSecretVersionIds: listSecretVersionIds(account),
  TagResource: tagResource(account),
  UntagResource: untagResource(account),
  DeleteSecret: deleteSecret(account),
  RestoreSecret: restoreSecret(account),
  RotateSecret: rotateSecret(account, wiring),
  CancelRotateSecret: cancelRotateSecret(account),
  GetRandomPassword: getRandomPassword(account),
  ReplicateSecretToRegions: replicateSecretToRegions(account),
  RemoveRegionsFromReplication: removeRegionsFromReplication(account),
});
