import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import { adminSecretsOf, FLEET_TAG, type Fleet } from '../core/fleet/index.ts';
import { PREFIX } from '../core/ledger/labels.ts';
import { acknowledge } from './acknowledge.ts';
import type { RotatedSecret } from './rotated-secret.ts';

/**
 * The number of ARNs that fit into a managed policy: the construct library assumes 150 characters
 * for each, and fills a policy up to 6,000.
 */
const ARNS = 35;

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Grants actions by ARN, many ARNs in one statement, because a role can have only ten managed
 * policies.
 */
function grant(
  role: Role,
  actions: readonly string[],
  arns: readonly string[],
  conditions: Conditions = {},
): void {
  for (let start = 0; start < arns.length; start += ARNS) {
    role.addToPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `secretsmanager:${action}`),
        resources: arns.slice(start, start + ARNS),
        conditions,
      }),
    );
  }
}

/** The ARN of a secret by its name, which may contain wildcards. */
function arnOf(role: Role, name: string, region = Stack.of(role).region): string {
  const { partition, account } = Stack.of(role);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}

/**
 * The ARNs of a secret by its name: with the six characters that Secrets Manager adds, and without
 * them, since a deleted secret has none. Without the second, a call for a deleted secret gets
 * AccessDenied instead of NotFound.
 */
const named = (role: Role, name: string): readonly string[] => [
  arnOf(role, name),
  arnOf(role, `${name}-??????`),
];

/** Lets a role describe the targets' secrets, even deleted ones, without reading their values. */
export function grantLook(role: Role, { id, targets }: Fleet): void {
  const own = `rekey/${id}/`;
  const elsewhere = targets.filter(({ secret }) => !secret.startsWith(own));
  grant(
    role,
    ['DescribeSecret'],
    [arnOf(role, `${own}*`), ...elsewhere.flatMap(({ secret }) => named(role, secret))],
  );
  intended(
    role,
    `${own}*`,
    'describes the fleet’s own secrets without reading them; a deleted one has no full ARN',
  );
}

/**
 * Limits a grant to these staging labels. Written for a key with several values, because AWS
 * documents the key as a list, although a call moves one label.
 */
const onlyLabels = (pattern: string): Conditions => ({
  'ForAnyValue:StringLike': { 'secretsmanager:VersionStage': pattern },
});

/** Lets a role record requests on the secrets, without reading values or moving AWSCURRENT. */
export const grantRequest = (role: Role, secrets: readonly RotatedSecret[]): void =>
  grant(
    role,
    ['UpdateSecretVersionStage'],
    secrets.map(({ secretArn }) => secretArn),
    onlyLabels(`${PREFIX}*`),
  );

/** Lets a role rotate the secrets, but not to delete them. */
export function grantRotate(
  role: Role,
  fleet: Fleet,
  secrets: readonly RotatedSecret[],
  replicas: readonly ReplicaRegion[],
): void {
  const arns = secrets.map(({ secretArn }) => secretArn);
  grant(role, ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'], arns);
  const { region } = Stack.of(role);
  const keys = [...new Set(secrets.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []))];
  grantKeys(role, ['kms:Decrypt', 'kms:GenerateDataKey'], keys, fleet, [region]);
  // Secrets Manager replicates a new value on behalf of the caller that put it
  for (const { region: far, encryptionKey } of replicas) {
    if (encryptionKey)
      grantKeys(role, ['kms:Encrypt', 'kms:GenerateDataKey'], [encryptionKey.keyArn], fleet, [
        region,
        far,
      ]);
  }
}

/**
 * Lets a role use keys, but only through Secrets Manager and for the fleet's secrets: other data
 * encrypted with the same keys stays unreadable.
 */
function grantKeys(
  role: Role,
  actions: string[],
  resources: string[],
  fleet: Fleet,
  regions: readonly string[],
): void {
  if (resources.length === 0) return;
  const services = regions.map((region) => `secretsmanager.${region}.amazonaws.com`);
  const secrets = regions.flatMap((region) =>
    secretPatterns(fleet).map((name) => arnOf(role, name, region)),
  );
  for (let start = 0; start < secrets.length; start += ARNS) {
    const conditions = {
      StringEquals: { 'kms:ViaService': services },
      StringLike: { 'kms:EncryptionContext:SecretARN': secrets.slice(start, start + ARNS) },
    };
    role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
  }
}

/** The names of a fleet's secrets as patterns: one pattern for all secrets with a default name. */
function secretPatterns({ id, targets }: Fleet): readonly string[] {
  const own = `rekey/${id}/`;
  const elsewhere = targets
    .filter(({ secret }) => !secret.startsWith(own))
    .map(({ secret }) => `${secret}-??????`);
  return elsewhere.length < targets.length ? [`${own}*`, ...elsewhere] : elsewhere;
}

/**
 * Lets a role list the names, labels and tags of all secrets: ListSecrets cannot be limited to a
 * resource. It returns no values.
 */
export const grantList = (role: Role): void => grant(role, ['ListSecrets'], ['*']);

/**
 * Lets a role start Secrets Manager's rotation, with this function only: otherwise the caller could
 * name another one.
 */
export function grantAsk(role: Role, secrets: readonly RotatedSecret[], functionArn: string): void {
  const arns = secrets.map(({ secretArn }) => secretArn);
  grant(role, ['RotateSecret'], arns, {
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
export function grantAdmins(role: Role, { targets }: Fleet): void {
  grant(
    role,
    ['GetSecretValue'],
    [...adminSecretsOf(targets)].flatMap((admin) => named(role, admin)),
  );
}

/**
 * Lets a role describe the secrets that left the fleet and, except in a dry run, to label them as
 * announced.
 */
export function grantRemoved(
  role: Role,
  { id }: Fleet,
  { dryRun }: { readonly dryRun: boolean },
): void {
  const tagged = { StringEquals: { [`aws:ResourceTag/${FLEET_TAG}`]: id } };
  const all = [arnOf(role, '*')];
  grant(role, ['DescribeSecret'], all, tagged);
  if (!dryRun)
    grant(role, ['UpdateSecretVersionStage'], all, {
      ...tagged,
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
