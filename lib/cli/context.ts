import { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Fleet, Target } from '../core/fleet/index.ts';
import type { Engine, Outcome } from '../core/reconcile/index.ts';

/** What a command works with; made in bin/rekey.ts. */
export interface Context {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly print: (line: string) => void;
  readonly reconcile: (target: Target) => Promise<Outcome>;
  /** Name or ARN of the bus that requests are put on. */
  readonly bus: string;
  /** Puts a request on the bus; resolves when EventBridge has accepted it. */
  readonly publish: (type: InboundType, target: Target, correlationId: string) => Promise<void>;
  /** Goes into every event that this command causes. */
  readonly correlationId: string;
  /** How far this machine's clock is ahead of AWS's, in milliseconds; `undefined` before the first answer. */
  readonly skew: () => number | undefined;
  /** Aborted when the user interrupts the command. */
  readonly signal?: AbortSignal;
}

/** The target of this name; the error lists what there is. */
export function targetNamed({ fleet }: Pick<Context, 'fleet'>, name: string): Target {
  const found = fleet.targets.find((target) => target.name === name);
  if (found) return found;
  const names = fleet.targets.slice(0, 10).map((target) => target.name);
  const more = fleet.targets.length > names.length ? `, and ${fleet.targets.length - names.length} more` : '';
  throw new RekeyError('bad-fleet', `no target ${name} in the fleet ${fleet.id}; it has ${names.join(', ')}${more}`);
}
