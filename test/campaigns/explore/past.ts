import { HOUR, MINUTE } from '../../../lib/core/time.ts';
import type { Execution } from './execution.ts';
import { timing, variant } from './target.ts';
import type { Scope } from './world.ts';

/*
 * Steps from which states are built: workers that run, people who send requests, time that passes.
 */

export const pass = (execution: Execution, ms: number): void => {
  execution.world.now += ms;
};

/**
 * Thrown if the variant has no such state: a worker never reaches the effect where it should hang
 * or die.
 */
export class NoSuchState extends Error {}

/**
 * Lets the top actor run until it waits for an effect of this name, or without a name until it has
 * finished.
 */
export async function until(execution: Execution, name?: string): Promise<void> {
  const { top } = execution;
  while (top?.before && top.before.name !== name) await execution.step();
  if (name !== undefined && !top?.before) throw new NoSuchState(`no actor reaches ${name}`);
}

export async function run(execution: Execution, stop?: string): Promise<void> {
  await execution.start('worker');
  await until(execution, stop);
}

export async function die(execution: Execution, at: string): Promise<void> {
  await run(execution, at);
  execution.actors.pop();
}

export async function ask(
  execution: Execution,
  what: 'rotate' | 'compromise' | 'rollback',
): Promise<void> {
  pass(execution, MINUTE);
  await execution.start('request', what);
  await until(execution);
}

const down = (execution: Execution, scope: Scope, ms: number): void => {
  execution.world.outages = { ...execution.world.outages, [scope]: execution.world.now + ms };
};

export async function young(execution: Execution): Promise<void> {
  await run(execution);
  pass(execution, HOUR);
}

export async function due(execution: Execution): Promise<void> {
  await run(execution);
  pass(execution, timing().interval);
}

export async function grace(execution: Execution): Promise<void> {
  await young(execution);
  await ask(execution, 'rotate');
  await run(execution);
  pass(execution, HOUR);
}

/** A rotation, and then time until the end of the grace plus `more`. */
export async function graceEnd(execution: Execution, more: number): Promise<void> {
  await grace(execution);
  pass(execution, timing().grace - HOUR + more);
}

export async function failing(execution: Execution, times: number): Promise<void> {
  await graceDue(execution);
  for (let failure = 0; failure < times; failure++) {
    down(execution, 'vendor', 2 * MINUTE);
    await run(execution);
    pass(execution, ([1, 5, 30, 120, 0][failure] ?? 0) * MINUTE);
  }
  execution.world.outages = { registry: 0, vendor: 0, bus: 0, aws: 0 };
}

export async function graceDue(execution: Execution): Promise<void> {
  await grace(execution);
  await ask(execution, 'rotate');
}

export async function three(execution: Execution): Promise<void> {
  await graceDue(execution);
  await run(execution);
  pass(execution, HOUR);
}

export async function rolledBack(execution: Execution): Promise<void> {
  await grace(execution);
  await ask(execution, 'rollback');
  await run(execution);
  pass(execution, HOUR);
}

export const canSoak = () => timing().soak > 0;
export const hasRoom = () => variant().capabilities.liveAtOnce > 2;
