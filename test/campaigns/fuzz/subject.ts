import fc from 'fast-check';

/** Code that must handle any input. Inputs are plain data, so that a failing one can be kept. */
export interface Subject {
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  /** Throws an error that describes the problem. */
  readonly stands: (input: unknown) => Promise<void> | void;
  readonly close?: () => Promise<void>;
}

/** A subject with typed inputs. */
export const subject = <Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  stands: (input: Input) => Promise<void> | void,
  close?: () => Promise<void>,
): Subject => ({
  name,
  inputs,
  stands: (input) => stands(input as Input),
  ...(close && { close }),
});

/** Text of any kind, including text with a special meaning to some parser. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '../..',
    '\r\nx: y',
    '%E0%A4%A',
    '\u0000',
    'null',
    '{}',
    '-1',
    '1e400',
    ' ',
  ),
);

/** Maximum milliseconds of processor time. A clock would also measure the load on the machine. */
const BOUND = 2000;

/** Fails work that takes too long: no input may stop a worker. */
async function bounded(work: () => Promise<void> | void): Promise<void> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const took = (user + system) / 1000;
  if (took > BOUND) throw new Error(`took ${Math.round(took)} ms of processor time`);
}

export interface Amount {
  readonly seed: number;
  readonly runs: number;
  /** Milliseconds after which fewer runs are enough. */
  readonly ms?: number;
}

/** The result of that many runs, or of that much time. */
export interface Found {
  readonly runs: number;
  readonly problem?: string;
  readonly input?: unknown;
}

export async function fuzz(
  { inputs, stands }: Subject,
  { seed, runs, ms }: Amount,
): Promise<Found> {
  const property = fc.asyncProperty(inputs, async (input) => bounded(() => stands(input)));
  const limit = ms !== undefined && { interruptAfterTimeLimit: ms, markInterruptAsFailure: false };
  const found = await fc.check(property, { seed, numRuns: runs, ...limit });
  if (!found.failed) return { runs: found.numRuns };
  const error = found.errorInstance;
  return {
    runs: found.numRuns,
    problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
    input: found.counterexample?.[0],
  };
}
