import { CommanderError } from 'commander';
import type { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Fleet, Target } from '../core/fleet/index.ts';
import { didYouMean } from '../core/fleet/similar.ts';
import type { Engine, Outcome } from '../core/reconcile/index.ts';

/** What a command works with; made in lib/cli/connect.ts. */
export interface Context {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly print: (line: string) => void;
  readonly reconcile: (target: Target) => Promise<Outcome>;
  readonly region: string;
  /** Of the credentials that AWS is called with, if they say so. */
  readonly account?: string | undefined;
  /** Name or ARN of the bus that requests and events are put on. */
  readonly bus: string;
  /** Throws unless the bus exists. */
  readonly requireBus: () => Promise<void>;
  /** Puts a request on the bus; resolves when EventBridge has accepted it. */
  readonly publish: (type: InboundType, target: Target, correlationId: string) => Promise<void>;
  /** Goes into every event that this command causes. */
  readonly correlationId: string;
  /**
   * How far this machine's clock is ahead of AWS's, in milliseconds; `undefined` before the first
   * answer.
   */
  readonly skew: () => number | undefined;
  /** Aborted when the user interrupts the command. */
  readonly signal?: AbortSignal;
}

export interface Options {
  readonly fleet: string;
  readonly local: boolean;
}

export interface Wiring {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly readFleet: (file: string) => Fleet;
  /** Connects to AWS, or to the embedded one; closes what it opened when the command is through. */
  readonly connect: <T>(
    options: Options,
    work: (context: Omit<Context, 'print'>) => Promise<T>,
  ) => Promise<T>;
  /** Asks a person at a terminal; absent where there is none. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** What to do about an error of AWS. */
  readonly advise?: (error: RekeyError) => string | undefined;
  readonly version: string;
}

/** How a command ended: `waiting` is accepted, and not done yet. */
export type Result = 'done' | 'failed' | 'waiting';

/**
 * The target of this name. To name one that is not there is wrong usage; the error names what was
 * probably meant.
 */
export function targetNamed({ fleet }: Pick<Context, 'fleet'>, name: string): Target {
  const found = fleet.targets.find((target) => target.name === name);
  if (found) return found;
  const names = fleet.targets.map((target) => target.name);
  const meant = didYouMean(name, names);
  const listed =
    names.length > 10
      ? `${names.slice(0, 10).join(', ')}, and ${names.length - 10} more`
      : names.join(', ');
  throw new CommanderError(
    2,
    `${OWN_ERROR}unknownTarget`,
    `no target ${name} in the fleet ${fleet.id}${meant || `; it has ${listed || 'none'}`}`,
  );
}

/**
 * How the codes of the command's own complaints begin, as those of the parser begin with
 * `commander.`.
 */
export const OWN_ERROR = 'rekey.';

/** Data for machines, indented for people. */
export function printJson(print: Context['print'], data: unknown): void {
  for (const line of JSON.stringify(data, undefined, 2).split('\n')) print(line);
}
