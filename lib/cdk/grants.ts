import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { adminSecretsOf, FLEET_TAG, type Fleet } from '../core/fleet/index.ts';
import { PREFIX } from '../core/ledger/labels.ts';
import { acknowledge } from './acknowledge.ts';
import { DRIVER_TAG } from './rotated-secret.ts';
import { elsewhere, named, patternsOf, prefixOf } from './secret-names.ts';
import type { Settings } from './settings.ts';
import { add, arnsOf, type Conditions, grant } from './statements.ts';

/** Lets a role describe the targets' secrets, even deleted ones, without reading their values. */
export function grantLook(role: Role, fleet: Fleet): void {
  const own = `${prefixOf(fleet)}*`;
  grant(role, ['DescribeSecret'], [own, ...elsewhere(fleet).flatMap(named)]);
  intended(
    role,
    own,
    [
      'the fleet’s own secrets: described by name, since a deleted one has no full ARN;',
      'read or changed only with the fleet’s tag',
    ].join(' '),
  );
}

const tag = (name: string): string => `aws:ResourceTag/${name}`;

/** Limits a grant to secrets with the fleet's tag, which CloudFormation sets as it makes them. */
const tagged = ({ id }: Fleet): Conditions => ({ StringEquals: { [tag(FLEET_TAG)]: id } });

/** Limits a grant to the secrets of the fleet that Secrets Manager drives. */
const driven = ({ id }: Fleet): Conditions => ({
  StringEquals: { [tag(FLEET_TAG)]: id, [tag(DRIVER_TAG)]: 'secrets-manager' },
});

/**
 * Limits a grant to these staging labels. Written for a key with several values, because AWS
 * documents the key as a list, although a call moves one label.
 */
const onlyLabels = (pattern: string): Conditions => ({
  'ForAnyValue:StringLike': { 'secretsmanager:VersionStage': pattern },
});

/** Lets a role record requests on the secrets, without reading values or moving AWSCURRENT. */
export const grantRequest = (role: Role, fleet: Fleet): void =>
  grant(role, ['UpdateSecretVersionStage'], patternsOf(fleet), {
    ...tagged(fleet),
    ...onlyLabels(`${PREFIX}*`),
  });

const rotating = ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];

/** Lets a role rotate the secrets, but not to delete them. */
export function grantRotate(role: Role, fleet: Fleet, settings: Settings): void {
  grant(role, rotating, patternsOf(fleet), tagged(fleet));
  grantKeys(role, fleet, settings);
}

/** Lets a role rotate the secrets of these targets, which Secrets Manager drives. */
export function grantRotateDriven(role: Role, targets: Fleet, settings: Settings): void {
  grant(role, rotating, patternsOf(targets), driven(targets));
  grantKeys(role, targets, settings);
}

/** Lets a role use the keys of the secrets and of their replicas. */
function grantKeys(role: Role, fleet: Fleet, { encryptionKey, replicaRegions }: Settings): void {
  const { region } = Stack.of(role);
  if (encryptionKey)
    grantKey(role, ['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey.keyArn, fleet, [region]);
  // Secrets Manager replicates a new value on behalf of the caller that put it
  for (const { region: far, encryptionKey: key } of replicaRegions) {
    if (key)
      grantKey(role, ['kms:Encrypt', 'kms:GenerateDataKey'], key.keyArn, fleet, [region, far]);
  }
}

/**
 * Lets a role use a key, but only through Secrets Manager and for the fleet's secrets: other data
 * encrypted with the same key stays unreadable.
 */
function grantKey(
  role: Role,
  actions: string[],
  key: string,
  fleet: Fleet,
  regions: readonly string[],
): void {
  const services = regions.map((region) => `secretsmanager.${region}.amazonaws.com`);
  const patterns = patternsOf(fleet);
  const secrets = regions.flatMap((region) => arnsOf(role, patterns, region));
  add(role, secrets, (arns) => ({
    actions,
    resources: [key],
    conditions: {
      StringEquals: { 'kms:ViaService': services },
      StringLike: { 'kms:EncryptionContext:SecretARN': arns },
    },
  }));
}

/**
 * Lets a role list the names, labels and tags of all secrets: ListSecrets cannot be limited to a
 * resource. It returns no values.
 */
export const grantList = (role: Role): void =>
  void role.addToPolicy(
    new PolicyStatement({ actions: ['secretsmanager:ListSecrets'], resources: ['*'] }),
  );

/**
 * Lets a role start Secrets Manager's rotation, with this function only: otherwise the caller could
 * name another one.
 */
export function grantAsk(role: Role, targets: Fleet, functionArn: string): void {
  grant(role, ['RotateSecret'], patternsOf(targets), {
    ...driven(targets),
    StringEqualsIfExists: { 'secretsmanager:RotationLambdaARN': functionArn },
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
  );
}

/** Lets a role publish events on the bus, with the source `rekey` only. */
export function grantPublish(role: Role, bus: EventBus): void {
  const conditions = {
    'ForAllValues:StringEquals': { 'events:source': 'rekey' },
    // "for all values" is also true if the key is missing
    Null: { 'events:source': 'false' },
  };
  role.addToPolicy(
    new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions,
    }),
  );
}

/**
 * Lets a role read the admin secrets of the fleet, including those of former places, whose
 * credentials are not all revoked yet.
 */
export const grantAdmins = (role: Role, { targets }: Fleet): void =>
  grant(role, ['GetSecretValue'], [...adminSecretsOf(targets)].flatMap(named));

/**
 * Lets a role describe the secrets that left the fleet and, except in a dry run, to label them as
 * announced.
 */
export function grantRemoved(role: Role, fleet: Fleet, { dryRun }: Settings): void {
  grant(role, ['DescribeSecret'], ['*'], tagged(fleet));
  if (!dryRun)
    grant(role, ['UpdateSecretVersionStage'], ['*'], {
      ...tagged(fleet),
      ...onlyLabels(`${PREFIX}removed:*`),
    });
  intended(
    role,
    '*',
    [
      'only secrets with this fleet’s tag:',
      'a secret that left the fleet is announced once, and a label records that',
    ].join(' '),
  );
}

function intended(role: Role, name: string, reason: string): void {
  const arn = `arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${name}`;
  acknowledge(role, { id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
}
