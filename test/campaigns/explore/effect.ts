import type { ErrorCode } from '../../../lib/core/errors.ts';
import { errorCodes, RekeyError } from '../../../lib/core/errors.ts';
import type { Scope, World } from './world.ts';

/** One call that leaves a worker. */
export interface Effect<Answer = unknown> {
  readonly name: string;
  readonly scope: Scope | 'clock';
  /** True if it changes something. */
  readonly write: boolean;
  /** Carries it out at once. */
  readonly run: () => Answer;
  /** The answer while the scope fails, if that is no error. */
  readonly unknown?: () => Answer;
}

/** A failure of an effect: it is not carried out, or it is and its answer is lost. */
export type Fault = 'fail' | 'lost';

/** Hands each effect of a worker to the scheduler, which decides when it is carried out. */
export type Through = <Answer>(effect: Effect<Answer>) => Promise<Answer>;

const known = new Set<string>(errorCodes);
const codes: Readonly<Record<Scope | 'clock', ErrorCode>> = {
  registry: 'unproven',
  vendor: 'unreachable',
  bus: (known.has('events-failed') ? 'events-failed' : 'aws-failed') as ErrorCode,
  aws: 'aws-failed',
  clock: 'aws-failed',
};

/** Carries out an effect, or makes it fail. */
export function carryOut<Answer>(world: World, effect: Effect<Answer>, fault?: Fault): Answer {
  const { scope } = effect;
  const down =
    scope !== 'clock' &&
    (world.outages[scope] > world.now || (scope === 'bus' && world.outages.aws > world.now));
  if (!down && fault === undefined) return effect.run();
  if (fault === 'lost' && !down) effect.run();
  if (effect.unknown) return effect.unknown();
  throw new RekeyError(codes[scope], `explored: ${effect.name} ${down ? 'in an outage' : fault}`);
}

/** A broken promise. It ends the execution, and is not an error of the engine. */
export class Violation extends Error {
  readonly check: string;
  constructor(check: string, message: string) {
    super(message);
    this.check = check;
  }
}

/**
 * Returns the violation that `run` throws. Any other error is a bug in the explorer and is
 * rethrown.
 */
export async function violationOf(run: () => Promise<unknown>): Promise<Violation | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
}
