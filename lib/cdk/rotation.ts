import { Stack } from 'aws-cdk-lib';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { DAY } from '../core/time.ts';
import type { RotatedSecret } from './rotated-secret.ts';
import { arnOf, elsewhere, prefixOf } from './secret-names.ts';

/** The policy of a function has 20 KB: about 40 permissions for one secret each. */
export const MOST_PERMISSIONS = 35;

/**
 * Lets Secrets Manager rotate the secrets of these targets with this function. One permission for
 * each secret, or, for more than fit, one for all secrets below the fleet's prefix: the function
 * refuses every secret that it does not drive.
 */
export function rotatedByFunction(
  scope: Construct,
  fleet: Fleet,
  secrets: ReadonlyMap<string, RotatedSecret>,
  rotation: IFunction,
): void {
  const shared =
    fleet.targets.length > MOST_PERMISSIONS ? ofPrefix(scope, fleet, rotation) : undefined;
  const others = new Set(shared ? elsewhere(fleet) : []);
  for (const { name, secret, interval } of fleet.targets) {
    const days = Math.ceil(interval / DAY) + 1;
    secrets.get(name)?.rotatedBy(rotation, days, others.has(secret) ? undefined : shared);
  }
}

const ofPrefix = (scope: Construct, fleet: Fleet, rotation: IFunction): CfnPermission =>
  new CfnPermission(scope, 'MayRotate', {
    action: 'lambda:InvokeFunction',
    functionName: rotation.functionArn,
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: Stack.of(scope).account,
    sourceArn: arnOf(scope, `${prefixOf(fleet)}*`),
  });
