import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import { adminSecretsOf, FLEET_TAG, type Fleet } from '../core/fleet/index.ts';
import type { RotatedSecret } from './rotated-secret.ts';

/** As many ARNs fit into a managed policy: the construct library reckons with 150 characters for one, and fills up to 6,000. */
const ARNS = 35;

/** Grants by ARN, many in one statement: a role has room for ten managed policies beside its own. */
function grant(role: Role, actions: readonly string[], arns: readonly string[]): void {
  for (let start = 0; start < arns.length; start += ARNS) {
    role.addToPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `secretsmanager:${action}`),
        resources: arns.slice(start, start + ARNS),
      }),
    );
  }
}

/** ARN of a secret by its name, which may hold wildcards. */
function arnOf(role: Role, name: string): string {
  const { partition, region, account } = Stack.of(role);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}

/**
 * A secret by its name: with the six characters that Secrets Manager adds to it, and without them, since one that is gone has
 * none. Whoever may not ask for it then is told that he may not, and not that it is gone.
 */
const named = (role: Role, name: string): readonly string[] => [arnOf(role, name), arnOf(role, `${name}-??????`)];

/** Find out what state the targets' secrets are in, without their values; also that one is gone. */
export function grantLook(role: Role, { id, targets }: Fleet): void {
  const own = `rekey/${id}/`;
  const elsewhere = targets.filter(({ secret }) => !secret.startsWith(own));
  grant(role, ['DescribeSecret'], [arnOf(role, `${own}*`), ...elsewhere.flatMap(({ secret }) => named(role, secret))]);
  acknowledge(role, `${own}*`, 'the fleet’s own secrets, to describe and not to read; one that is gone has no ARN to name');
}

/** Write requests down on the secrets, without reading their values. */
export const grantRequest = (role: Role, secrets: readonly RotatedSecret[]): void =>
  grant(
    role,
    ['UpdateSecretVersionStage'],
    secrets.map(({ secretArn }) => secretArn),
  );

/** Rotate. Nobody may delete a secret. */
export function grantRotate(role: Role, secrets: readonly RotatedSecret[], replicas: readonly ReplicaRegion[]): void {
  const arns = secrets.map(({ secretArn }) => secretArn);
  grant(role, ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'], arns);
  const { region } = Stack.of(role);
  const keys = [...new Set(secrets.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []))];
  grantKeys(role, ['kms:Decrypt', 'kms:GenerateDataKey'], keys, [region]);
  // Secrets Manager copies a new value in the name of whoever put it
  for (const { region: far, encryptionKey } of replicas) {
    if (encryptionKey) grantKeys(role, ['kms:Encrypt', 'kms:GenerateDataKey'], [encryptionKey.keyArn], [region, far]);
  }
}

/** Use keys, only through Secrets Manager: what else is encrypted with them stays closed. */
function grantKeys(role: Role, actions: string[], resources: string[], regions: readonly string[]): void {
  if (resources.length === 0) return;
  const conditions = { StringEquals: { 'kms:ViaService': regions.map((region) => `secretsmanager.${region}.amazonaws.com`) } };
  role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
}

/** See the names, labels and tags of all secrets: ListSecrets knows no resource, and tells no value. */
export const grantList = (role: Role): void => grant(role, ['ListSecrets'], ['*']);

/** Ask Secrets Manager to rotate. */
export const grantAsk = (role: Role, secrets: readonly RotatedSecret[]): void =>
  grant(
    role,
    ['RotateSecret'],
    secrets.map(({ secretArn }) => secretArn),
  );

/** Read the admin secrets that the fleet names, those of former places included: what is alive there is yet to be ended. */
export function grantAdmins(role: Role, { targets }: Fleet): void {
  grant(
    role,
    ['GetSecretValue'],
    [...adminSecretsOf(targets)].flatMap((admin) => named(role, admin)),
  );
}

/** See the secrets that left the fleet, and do this with them. */
export function grantStrangers(role: Role, { id }: Fleet, more: readonly string[]): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['secretsmanager:DescribeSecret', ...more],
      resources: [arnOf(role, '*')],
      conditions: { StringEquals: { [`aws:ResourceTag/${FLEET_TAG}`]: id } },
    }),
  );
  acknowledge(role, '*', 'only secrets with this fleet’s tag: one that left the fleet is announced once, and its label says so');
}

function acknowledge(role: Role, name: string, reason: string): void {
  const arn = `arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${name}`;
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
}
