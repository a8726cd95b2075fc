import * as z from 'zod';
import { type Account, now, randomId } from '../account.ts';
import { invalidParameter, invalidRequest, limitExceeded, resourceExists } from '../aws-error.ts';
import { operation } from '../operation.ts';
import type { SecretState, SecretValue, VersionState } from '../state.ts';
import {
  checkName,
  findWritable,
  newArn,
  purge,
  secretId,
  secretName,
  sortedStages,
  tags,
} from './secret.ts';
import { attached, CURRENT, checkLimit, commit, stageName, stagesOf } from './stages.ts';

/** Versions a secret can hold. Older ones without a label make room, but only after a day. */
const VERSION_LIMIT = 100;
const DAY = 86_400_000;
const VALUE_BYTES = 65_536;

const SecretString = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= VALUE_BYTES)
  .optional();
const SecretBinary = z
  .base64()
  .refine((text) => Buffer.byteLength(text, 'base64') <= VALUE_BYTES)
  .optional();
const ClientRequestToken = z.string().optional();
const Description = z.string().max(2048).optional();
const KmsKeyId = z.string().max(2048).optional();

/** SDKs fill the token in. A caller without an SDK must provide it. */
export function checkToken(token: string | undefined, missing = invalidRequest): string {
  if (token === undefined)
    throw missing('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  if (token.length < 32 || token.length > 64)
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
  return token;
}

type ValueInput = { SecretString?: string | undefined; SecretBinary?: string | undefined };

function valueIn({
  SecretString: text,
  SecretBinary: binary,
}: ValueInput): SecretValue | undefined {
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (text !== undefined) return { SecretString: text };
  return binary === undefined ? undefined : { SecretBinary: binary };
}

const sameValue = (a: SecretValue, b: SecretValue) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Stores a value as the version `token`. A repeat with the same value changes nothing; a repeat
 * with another value is refused.
 */
function store(
  account: Account,
  secret: SecretState,
  token: string,
  value: SecretValue,
  wanted: readonly string[],
): VersionState {
  const existing = secret.versions.find(({ id }) => id === token);
  if (existing?.value) {
    if (sameValue(existing.value, value)) return existing;
    throw resourceExists(
      [
        `You can't use ClientRequestToken ${token} because that value is already in use for a`,
        `version of secret ${secret.arn}.`,
      ].join(' '),
    );
  }
  const time = now(account);
  const becomesCurrent = secret.versions.length === 0 || wanted.includes(CURRENT);
  // AWSCURRENT last: the AWSPREVIOUS that follows it wins over one that the caller passed
  const labels = [
    ...wanted.filter((label) => label !== CURRENT),
    ...(becomesCurrent ? [CURRENT] : []),
  ];
  const before = stagesOf(secret);
  const after = labels.reduce((stages, label) => attached(stages, label, token), before);
  checkLimit(before, after);
  const version = existing ?? addVersion(secret, token, time);
  version.value = value;
  commit(secret, after, time);
  return version;
}

/** Adds a version without a value and without labels. */
export function addVersion(secret: SecretState, id: string, time: number): VersionState {
  const removable = secret.versions.filter(
    ({ stages, createdAt }) => stages.length === 0 && createdAt <= time - DAY,
  );
  const surplus = new Set(
    removable.slice(0, Math.max(0, secret.versions.length + 1 - VERSION_LIMIT)),
  );
  if (secret.versions.length - surplus.size >= VERSION_LIMIT) {
    throw limitExceeded('You exceeded the maximum number of versions allowed on a secret.');
  }
  const version: VersionState = { id, createdAt: time, stages: [] };
  secret.versions = [...secret.versions.filter((old) => !surplus.has(old)), version];
  return version;
}

/**
 * CreateSecret, with a first version if the input has a value. A repeat with the same token and
 * value succeeds. Otherwise a taken name is a ResourceExistsException, or an
 * InvalidRequestException while its deletion is in progress.
 */
export const createSecret = (account: Account) =>
  operation(
    z.object({
      Name: secretName,
      ClientRequestToken,
      Description,
      KmsKeyId,
      SecretString,
      SecretBinary,
      Tags: tags.optional(),
    }),
    (input) => {
      checkName(input.Name);
      const value = valueIn(input);
      const token = checkToken(input.ClientRequestToken ?? (value ? undefined : randomId(account)));
      purge(account);
      const existing = account.state.secrets.find(({ name }) => name === input.Name);
      if (
        existing?.deletionAt !== undefined ||
        account.state.releasing.some(({ name }) => name === input.Name)
      ) {
        throw invalidRequest(
          [
            "You can't create this secret because a secret with this name is already scheduled",
            'for deletion.',
          ].join(' '),
        );
      }
      if (existing) {
        const version = existing.versions.find(({ id }) => id === token);
        const repeated =
          version?.value !== undefined && value !== undefined && sameValue(version.value, value);
        if (repeated) return { ARN: existing.arn, Name: existing.name, VersionId: token };
        throw resourceExists(
          `The operation failed because the secret ${input.Name} already exists.`,
        );
      }
      const time = now(account);
      const secret: SecretState = {
        arn: newArn(account, input.Name),
        name: input.Name,
        ...(input.Description && { description: input.Description }),
        ...(input.KmsKeyId && { kmsKeyId: input.KmsKeyId }),
        tags: input.Tags ?? [],
        createdAt: time,
        changedAt: time,
        versions: [],
      };
      if (value) store(account, secret, token, value, [CURRENT]);
      account.state.secrets.push(secret);
      return { ARN: secret.arn, Name: secret.name, ...(value && { VersionId: token }) };
    },
  );

/**
 * PutSecretValue: stores a version, with AWSCURRENT by default. Throws ResourceExistsException if
 * the token has another value, and LimitExceededException if each of 100 versions has a label or is
 * younger than a day.
 */
export const putSecretValue = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      ClientRequestToken,
      SecretString,
      SecretBinary,
      VersionStages: z.array(stageName).min(1).max(20).optional(),
      RotationToken: z.string().optional(),
    }),
    (input) => {
      const token = checkToken(input.ClientRequestToken);
      const value = valueIn(input);
      if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
      const secret = findWritable(account, input.SecretId);
      const version = store(account, secret, token, value, input.VersionStages ?? [CURRENT]);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: token,
        VersionStages: sortedStages(version),
      };
    },
  );

/**
 * UpdateSecret: changes the description and the key. A value becomes a version with AWSCURRENT.
 */
export const updateSecret = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      ClientRequestToken,
      Description,
      KmsKeyId,
      SecretString,
      SecretBinary,
    }),
    (input) => {
      const value = valueIn(input);
      const token = checkToken(input.ClientRequestToken ?? (value ? undefined : randomId(account)));
      const secret = findWritable(account, input.SecretId);
      if (value) store(account, secret, token, value, [CURRENT]);
      if (input.Description !== undefined) secret.description = input.Description;
      if (input.KmsKeyId !== undefined) secret.kmsKeyId = input.KmsKeyId;
      secret.changedAt = now(account);
      return { ARN: secret.arn, Name: secret.name, ...(value && { VersionId: token }) };
    },
  );
