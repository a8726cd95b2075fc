import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { CallFigures } from './rotation/measure.ts';
import type { SweepFigures } from './sweep/measure.ts';

/** The machine of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly node: string;
  /** Processes that wanted to run, over the last minute. */
  readonly load: number;
}

/** One function's start. */
export interface StartFigures {
  readonly name: string;
  readonly size: number;
  readonly times: readonly number[];
}

/** All figures of one run. */
export interface Figures {
  readonly at: string;
  readonly machine: Machine;
  readonly calls: readonly CallFigures[];
  readonly sweeps: readonly SweepFigures[];
  readonly starts: readonly StartFigures[];
}

/** Describes this machine. */
export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memory: totalmem(),
  node: process.version,
  load: loadavg()[0] ?? 0,
});
