import { createHash } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * The number of a secret's stack, from 1. It depends on the name of its target and on the number of
 * stacks alone: no other target can move a secret, which CloudFormation could only delete and
 * create. With twice as many stacks, a secret stays or moves to a new stack.
 */
export const stackNumber = (target: string, stacks: number): number =>
  1 + (createHash('sha256').update(target).digest().readUInt32BE(0) % stacks);

/** The stacks of the secrets, siblings of this construct's stack that are deployed before it. */
export function secretStacks(scope: Construct, count: number, settings: Settings): Stack[] {
  const main = Stack.of(scope);
  const parent = main.node.scope;
  if (main.nestedStackParent || !parent)
    throw new Error(
      `the property secretStacks of Rekey is ${count}, and the stack ${main.node.path} is nested;` +
        ' expected a stack of an app or a stage',
    );
  refuseOwnKey(main, settings);
  const known = (value: string) => (Token.isUnresolved(value) ? undefined : value);
  const env = { account: known(main.account), region: known(main.region) };
  return Array.from({ length: count }, (_, index) => {
    const name = `Secrets-${index + 1}`;
    const made = new Stack(parent, `${main.node.id}-${name}`, {
      env,
      stackName: `${main.stackName}-${name}`,
      description: `rekey: secrets of ${main.stackName}, ${index + 1} of ${count}`,
      terminationProtection: main.terminationProtection ?? false,
    });
    waitFor(main, made);
    return made;
  });
}

/** A sweep must not find a target without its secret. */
function waitFor(main: Stack, made: Stack): void {
  // its name in an older CDK is deprecated in a newer one
  const { addStackDependency = main.addDependency } = main as Partial<Stack>;
  addStackDependency.call(main, made);
}

/** A key in the main stack could be used only after the stacks that it waits for. */
function refuseOwnKey(main: Stack, { encryptionKey }: Settings): void {
  if (!encryptionKey || Stack.of(encryptionKey) !== main || !encryptionKey.node.defaultChild)
    return;
  throw new Error(
    [
      `the property encryptionKey of Rekey is a key made in the stack ${main.node.path};`,
      'expected one from another stack with secretStacks, because the stacks of the secrets are',
      'deployed first: make the key in a stack of its own',
    ].join(' '),
  );
}
