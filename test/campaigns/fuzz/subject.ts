import fc from 'fast-check';

/**
 * Something that must stand whatever it is given. Inputs are plain data, so that one that failed
 * can be kept.
 */
export interface Subject {
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  /** Throws what is wrong. */
  readonly stands: (input: unknown) => Promise<void> | void;
  readonly close?: () => Promise<void>;
}

/** A subject whose inputs have a type. */
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

/** Text of any kind: also of what is special to somebody. */
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

/**
 * Milliseconds of the processor's time that anything may take. A clock would judge whatever else
 * the machine is busy with.
 */
const BOUND = 2000;

/** Fails what takes too long: an input must not be able to stop a worker. */
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

/** What was found with so many runs, or in so much time. */
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
