import * as z from 'zod';
import { type Account, epochSeconds, now, randomText } from '../account.ts';
import { invalidRequest, notFound, validation } from '../aws-error.ts';
import type { SecretState, VersionState } from '../state.ts';

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const DAY = 86_400_000;

/** The SecretId of a request: a name or an ARN, 1 to 2048 characters. */
export const secretId = z.string().min(1).max(2048);
/** The Name of a new secret, 1 to 512 characters. `checkName` checks the characters. */
export const secretName = z.string().min(1).max(512);

/** The Tags of a request: up to 50, keys of up to 128 and values of up to 256 characters. */
export const tags = z
  .array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256).optional() }))
  .max(50);

/** Throws ValidationException for a name with characters that Secrets Manager does not allow. */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@-]+$/.test(name)) return;
  throw validation(
    [
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the',
      'following: -/_+=.@!',
    ].join(' '),
  );
}

const prefix = ({ region, id }: Account) => `arn:aws:secretsmanager:${region}:${id}:secret:`;

/** The ARN of a new secret. It ends with the name, a hyphen and six random letters or digits. */
export const newArn = (account: Account, name: string): string =>
  `${prefix(account)}${name}-${randomText(account, alphanumeric, 6)}`;

/** Removes the secrets whose recovery window is over. */
export function purge(account: Account): void {
  const { state } = account;
  const time = now(account);
  state.releasing = state.releasing.filter(({ freeAt }) => freeAt > time);
  if (!state.secrets.some(({ deletionAt }) => deletionAt !== undefined && deletionAt <= time))
    return;
  state.secrets = state.secrets.filter(
    ({ deletionAt }) => deletionAt === undefined || deletionAt > time,
  );
}

/**
 * The secret with this name, full ARN or ARN without its suffix, even if it is scheduled for
 * deletion.
 */
export function findAny(account: Account, id: string): SecretState {
  purge(account);
  const { secrets } = account.state;
  const isArn = id.startsWith('arn:');
  if (!isArn) checkName(id);
  const exact = secrets.find(({ arn, name }) => (isArn ? arn === id : name === id));
  const partial =
    isArn && id.startsWith(prefix(account))
      ? secrets.find(({ name }) => name === id.slice(prefix(account).length))
      : undefined;
  const found = exact ?? partial;
  if (!found) throw notFound("Secrets Manager can't find the specified secret.");
  return found;
}

/** Same as `findAny`, but refuses a secret that is scheduled for deletion. */
export function find(account: Account, id: string): SecretState {
  const secret = findAny(account, id);
  if (secret.deletionAt !== undefined) {
    throw invalidRequest(
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  return secret;
}

/** Same as `find`, but refuses a replica. */
export function findWritable(account: Account, id: string): SecretState {
  return onlyPrimary(find(account, id));
}

/** Returns the secret unless it is a replica, which is read-only. */
export function onlyPrimary(secret: SecretState): SecretState {
  if (secret.primaryRegion !== undefined) {
    throw invalidRequest(
      "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    );
  }
  return secret;
}

/** Secrets Manager reports the day of an access, not its time. */
export const accessDate = (ms: number | undefined) =>
  ms === undefined ? undefined : epochSeconds(Math.floor(ms / DAY) * DAY);

/** The versions that carry labels. `undefined` if no version has one. */
export function stagesMap({ versions }: SecretState): Record<string, string[]> | undefined {
  const labelled = versions.filter(({ stages }) => stages.length > 0);
  return labelled.length === 0
    ? undefined
    : Object.fromEntries(labelled.map((version) => [version.id, sortedStages(version)]));
}

/** The staging labels of a version in alphabetical order. */
export const sortedStages = ({ stages }: VersionState): string[] => [...stages].sort();

/** The members that DescribeSecret and ListSecrets share. */
export const describe = (secret: SecretState) => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description,
  KmsKeyId: secret.kmsKeyId,
  RotationEnabled: secret.rotation?.enabled,
  RotationLambdaARN: secret.rotation?.lambdaArn,
  RotationRules: secret.rotation?.rules,
  LastRotatedDate: epochSeconds(secret.rotatedAt),
  LastChangedDate: epochSeconds(secret.changedAt),
  LastAccessedDate: accessDate(secret.accessedAt),
  DeletedDate: epochSeconds(secret.deletionAt),
  NextRotationDate: epochSeconds(nextRotation(secret)),
  Tags: secret.tags.length === 0 ? undefined : secret.tags,
  OwningService: secret.owningService,
  CreatedDate: epochSeconds(secret.createdAt),
  PrimaryRegion: secret.primaryRegion,
});

function nextRotation({ rotation, rotatedAt, createdAt }: SecretState): number | undefined {
  if (!rotation?.enabled) return undefined;
  const rate = /^rate\((\d+) (day|hour)s?\)$/.exec(rotation.rules.ScheduleExpression ?? '');
  const length = rate
    ? Number(rate[1]) * (rate[2] === 'day' ? DAY : DAY / 24)
    : (rotation.rules.AutomaticallyAfterDays ?? 0) * DAY;
  return length === 0 ? undefined : (rotatedAt ?? createdAt) + length;
}
