import { RekeyError } from '../core/errors.ts';
import type { Fleet, Target } from '../core/fleet/index.ts';
import type { Engine, Outcome } from '../core/reconcile/index.ts';

/** What a command works with; made in bin/rekey.ts. */
export interface Context {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly print: (line: string) => void;
  readonly reconcile: (target: Target) => Promise<Outcome>;
}

/** The target of this name; the error lists what there is. */
export function targetNamed({ fleet }: Context, name: string): Target {
  const found = fleet.targets.find((target) => target.name === name);
  if (found) return found;
  const names = fleet.targets.slice(0, 10).map((target) => target.name);
  const more = fleet.targets.length > names.length ? `, and ${fleet.targets.length - names.length} more` : '';
  throw new RekeyError('bad-fleet', `no target ${name} in the fleet ${fleet.id}; it has ${names.join(', ')}${more}`);
}
