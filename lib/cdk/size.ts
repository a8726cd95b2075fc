import type { Fleet } from '../core/fleet/index.ts';
import { MOST_PERMISSIONS } from './rotation.ts';
import { elsewhere } from './secret-names.ts';
import { stackNumber } from './secret-stacks.ts';
import type { Settings } from './settings.ts';

/** AWS allows 500 resources in a stack. The rest of rekey, with every option, has fewer than 90. */
const IN_ONE = 400;
/** Room for the CDK's own metadata. */
const IN_A_STACK_OF_SECRETS = 490;

/** Throws if the fleet does not fit into its stack or stacks. */
export function refuseTooLarge(fleet: Fleet, { secretStacks, dryRun }: Settings): void {
  const { id, targets } = fleet;
  const driven = targets.filter(({ driver }) => driver === 'secrets-manager' && !dryRun);
  const outside = elsewhere({ ...fleet, targets: driven }).length;
  const permissions = driven.length > MOST_PERMISSIONS ? 1 + outside : driven.length;
  if (permissions > 1 + MOST_PERMISSIONS)
    throw new Error(
      [
        `the fleet ${id} has ${outside} targets that Secrets Manager drives, with secrets`,
        `outside rekey/${id}/; expected at most ${MOST_PERMISSIONS}, which fit into the policy of`,
        'a function: give them default names, or let rekey drive them',
      ].join(' '),
    );
  const here = driven.length + permissions;
  if (secretStacks === undefined) refuseOne(fleet, here);
  else if (here > IN_ONE)
    throw new Error(
      [
        `the fleet ${id} has ${driven.length} targets that Secrets Manager drives; expected`,
        `at most ${IN_ONE - permissions}, whose rotation schedules fit into the stack of the`,
        'functions: let rekey drive the others',
      ].join(' '),
    );
  else refuseFull(fleet, secretStacks);
}

/** `more`: the resources of the targets in addition to their secrets. */
function refuseOne({ id, targets }: Fleet, more: number): void {
  if (targets.length + more <= IN_ONE) return;
  const driven = more === 0 ? '' : ` with ${more} resources for those that Secrets Manager drives`;
  throw new Error(
    [
      `the fleet ${id} has ${targets.length} targets; expected at most`,
      `${Math.max(0, IN_ONE - more)} in one stack${driven}: set the property secretStacks of Rekey`,
      'as docs/deploy.md describes under "Size", so that the secrets get stacks of their own',
    ].join(' '),
  );
}

function refuseFull({ id, targets }: Fleet, stacks: number): void {
  const counts = new Map<number, number>();
  for (const { name } of targets) {
    const number = stackNumber(name, stacks);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  const [fullest = 0, count = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (count <= IN_A_STACK_OF_SECRETS) return;
  throw new Error(
    [
      `the fleet ${id} has ${targets.length} targets, and ${count} of them in stack ${fullest} of`,
      `${stacks}; expected at most ${IN_A_STACK_OF_SECRETS}: double the property secretStacks of`,
      'Rekey, as docs/deploy.md describes under "Size"',
    ].join(' '),
  );
}
