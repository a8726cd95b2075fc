import type { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { RotatedSecret } from './rotated-secret.ts';
import type { Settings } from './settings.ts';

/** The secrets of a fleet, by the names of their targets. */
export function fleetSecrets(
  scope: Construct,
  { id: fleet, targets }: Fleet,
  { encryptionKey, replicaRegions, removalPolicy }: Settings,
): ReadonlyMap<string, RotatedSecret> {
  const common = { fleet, replicaRegions, removalPolicy, ...(encryptionKey && { encryptionKey }) };
  return new Map(
    targets.map(({ name, secret, provider }) => {
      const own = {
        secretName: secret,
        description: `Registry credential of ${name}, issued by ${provider}, rotated by rekey`,
      };
      return [name, new RotatedSecret(scope, `Secret-${name}`, { ...common, ...own })];
    }),
  );
}
