import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/index.ts';
import { RotatedSecret } from './rotated-secret.ts';
import { secretStacks, stackNumber } from './secret-stacks.ts';
import type { Settings } from './settings.ts';

/** The secrets of a fleet, by the names of their targets: here, or in stacks of their own. */
export function fleetSecrets(
  scope: Construct,
  { id: fleet, targets }: Fleet,
  settings: Settings,
): ReadonlyMap<string, RotatedSecret> {
  const { encryptionKey, replicaRegions, removalPolicy, secretStacks: count } = settings;
  const common = { fleet, replicaRegions, removalPolicy, ...(encryptionKey && { encryptionKey }) };
  const stacks = count === undefined ? [] : secretStacks(scope, count, settings);
  return new Map(
    targets.map(({ name, secret, provider, driver }) => {
      const own = {
        secretName: secret,
        description: `Registry credential of ${name}, issued by ${provider}, rotated by rekey`,
        driver,
      };
      const id = `Secret-${name}`;
      const stack = stacks[stackNumber(name, stacks.length) - 1];
      // the schedule of a rotation is in the stack of the function, with the same id in both shapes
      const rotatedIn = stack && driver === 'secrets-manager' ? new Construct(scope, id) : scope;
      const made = new RotatedSecret(stack ?? scope, id, {
        ...common,
        ...own,
        ...(stack && { rotatedIn }),
      });
      return [name, made];
    }),
  );
}
