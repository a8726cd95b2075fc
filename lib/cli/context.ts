import { CommanderError } from 'commander';
import type { RekeyError } from '../core/errors.ts';
import type { InboundType } from '../core/events/index.ts';
import type { Fleet, Target } from '../core/fleet/index.ts';
import { didYouMean } from '../core/fleet/similar.ts';
import type { Engine, Outcome } from '../core/reconcile/index.ts';

/** The dependencies of a command; lib/cli/connect.ts creates them. */
export interface Context {
  readonly fleet: Fleet;
  readonly engine: Engine;
  /** The names of the user's own providers. @default none */
  readonly ownProviders?: readonly string[];
  readonly print: (line: string) => void;
  readonly reconcile: (target: Target) => Promise<Outcome>;
  readonly region: string;
  /** The account of the AWS credentials, if they name it. */
  readonly account?: string | undefined;
  /** Name or ARN of the bus for requests and events. */
  readonly bus: string;
  /** Throws `not-found` if the bus does not exist. */
  readonly requireBus: () => Promise<void>;
  /** Puts a request on the bus; resolves when EventBridge has accepted it. */
  readonly publish: (type: InboundType, target: Target, correlationId: string) => Promise<void>;
  /** Part of every event that this command causes. */
  readonly correlationId: string;
  /**
   * How far this machine's clock is ahead of AWS's, in milliseconds; `undefined` before the first
   * answer.
   */
  readonly skew: () => number | undefined;
  /** Aborted when the user interrupts the command. */
  readonly signal?: AbortSignal;
}

/** The global options. */
export interface Options {
  /** Path of the fleet file. */
  readonly fleet: string;
  /** Path of a file with the user's own providers. */
  readonly providers?: string | undefined;
  /** Use the embedded AWS. */
  readonly local: boolean;
}

/** The options of `rekey demo`. */
export interface DemoFlags {
  /** Path of the fleet file, if one is named. */
  readonly fleet: string | undefined;
  readonly keep: boolean;
  readonly port: number;
  readonly state?: string;
}

/** The options of `rekey init`. */
export interface InitFlags {
  /** Path of the fleet file that it writes. */
  readonly fleet: string;
  readonly provider?: string;
  readonly fleetId?: string;
  readonly target?: string;
  readonly admin?: string;
  /** Each as `key=value`. */
  readonly param: readonly string[];
  /** Absent: a person decides, or there is none. */
  readonly app?: boolean;
}

/** The world outside the CLI; tests replace it. */
export interface Wiring {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  /** `providers` is the path of a file with the user's own providers. */
  readonly readFleet: (file: string, providers?: string) => Fleet;
  /** The JSON Schema of a fleet file with these providers, as text. */
  readonly schema: (providers?: string) => string;
  /** Connects to AWS, or to the embedded one; closes the connections when the work is done. */
  readonly connect: <T>(
    options: Options,
    work: (context: Omit<Context, 'print'>) => Promise<T>,
  ) => Promise<T>;
  /** Asks the user; absent if there is no terminal. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /**
   * Runs the demonstration, with the example fleet if none is named, and returns its exit status.
   * Absent: there is no such command.
   */
  readonly demo?: (options: DemoFlags) => Promise<number>;
  /** Writes a first fleet file. Absent: there is no such command. */
  readonly init?: (flags: InitFlags) => Promise<void>;
  /** Advice on an error of AWS. */
  readonly advise?: (error: RekeyError) => string | undefined;
  readonly version: string;
}

/** The result of a command; `waiting` means accepted, but not done yet. */
export type Result = 'done' | 'failed' | 'waiting';

/**
 * The target with this name. An unknown name is wrong usage: throws a `CommanderError` that
 * suggests a similar name.
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

/** Prefix of the codes of rekey's own usage errors; the parser's codes begin with `commander.`. */
export const OWN_ERROR = 'rekey.';

/** Prints data as indented JSON. */
export function printJson(print: Context['print'], data: unknown): void {
  for (const line of JSON.stringify(data, undefined, 2).split('\n')) print(line);
}
