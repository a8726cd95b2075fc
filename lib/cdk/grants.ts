import { Stack, Validations } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import { adminSecretsOf, FLEET_TAG, type Fleet } from '../core/fleet/index.ts';
import { PREFIX } from '../core/ledger/labels.ts';
import type { RotatedSecret } from './rotated-secret.ts';

/**
 * As many ARNs fit into a managed policy: the construct library reckons with 150 characters for
 * one, and fills up to 6,000.
 */
const ARNS = 35;

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Grants by ARN, many in one statement: a role has room for ten managed policies beside its own.
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

/** ARN of a secret by its name, which may hold wildcards. */
function arnOf(role: Role, name: string, region = Stack.of(role).region): string {
  const { partition, account } = Stack.of(role);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}

/**
 * A secret by its name: with the six characters that Secrets Manager adds to it, and without them,
 * since one that is gone has none. Whoever may not ask for it then is told that he may not, and not
 * that it is gone.
 */
const named = (role: Role, name: string): readonly string[] => [
  arnOf(role, name),
  arnOf(role, `${name}-??????`),
];

/** Find out what state the targets' secrets are in, without their values; also that one is gone. */
export function grantLook(role: Role, { id, targets }: Fleet): void {
  const own = `rekey/${id}/`;
  const elsewhere = targets.filter(({ secret }) => !secret.startsWith(own));
  grant(
    role,
    ['DescribeSecret'],
    [arnOf(role, `${own}*`), ...elsewhere.flatMap(({ secret }) => named(role, secret))],
  );
  acknowledge(
    role,
    `${own}*`,
    'the fleet’s own secrets, to describe and not to read; one that is gone has no ARN to name',
  );
}

/**
 * Only these staging labels may be moved. A key with several values, to be on the safe side: AWS
 * speaks of it as a list, and a call moves one label.
 */
const onlyLabels = (pattern: string): Conditions => ({
  'ForAnyValue:StringLike': { 'secretsmanager:VersionStage': pattern },
});

/**
 * Write requests down on the secrets, without reading their values, and without a hand on
 * AWSCURRENT.
 */
export const grantRequest = (role: Role, secrets: readonly RotatedSecret[]): void =>
  grant(
    role,
    ['UpdateSecretVersionStage'],
    secrets.map(({ secretArn }) => secretArn),
    onlyLabels(`${PREFIX}*`),
  );

/** Rotate. Nobody may delete a secret. */
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
  // Secrets Manager copies a new value in the name of whoever put it
  for (const { region: far, encryptionKey } of replicas) {
    if (encryptionKey)
      grantKeys(role, ['kms:Encrypt', 'kms:GenerateDataKey'], [encryptionKey.keyArn], fleet, [
        region,
        far,
      ]);
  }
}

/**
 * Use keys, only through Secrets Manager and for the fleet's secrets: what else is encrypted with
 * them stays closed.
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

/** The names of a fleet's secrets, as patterns: those that it names itself, in one. */
function secretPatterns({ id, targets }: Fleet): readonly string[] {
  const own = `rekey/${id}/`;
  const elsewhere = targets
    .filter(({ secret }) => !secret.startsWith(own))
    .map(({ secret }) => `${secret}-??????`);
  return elsewhere.length < targets.length ? [`${own}*`, ...elsewhere] : elsewhere;
}

/**
 * See the names, labels and tags of all secrets: ListSecrets knows no resource, and tells no value.
 */
export const grantList = (role: Role): void => grant(role, ['ListSecrets'], ['*']);

/** Ask Secrets Manager to rotate, by this function: whoever asks could name another one. */
export function grantAsk(role: Role, secrets: readonly RotatedSecret[], functionArn: string): void {
  const arns = secrets.map(({ secretArn }) => secretArn);
  grant(role, ['RotateSecret'], arns, {
    StringEqualsIfExists: { 'secretsmanager:RotationLambdaARN': functionArn },
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
  );
}

/** Say on the bus what was done, in rekey's name and no other. */
export function grantPublish(role: Role, bus: EventBus): void {
  const conditions = {
    'ForAllValues:StringEquals': { 'events:source': 'rekey' },
    // without the key "for all values" would pass
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
 * Read the admin secrets that the fleet names, those of former places included: what is alive there
 * is yet to be ended.
 */
export function grantAdmins(role: Role, { targets }: Fleet): void {
  grant(
    role,
    ['GetSecretValue'],
    [...adminSecretsOf(targets)].flatMap((admin) => named(role, admin)),
  );
}

/**
 * See the secrets that left the fleet; and write down, unless it is a dry run, that this was
 * announced.
 */
export function grantStrangers(
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
  acknowledge(
    role,
    '*',
    'only secrets with this fleet’s tag: one that left the fleet is announced once, and its label says so',
  );
}

function acknowledge(role: Role, name: string, reason: string): void {
  const arn = `arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${name}`;
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
}
