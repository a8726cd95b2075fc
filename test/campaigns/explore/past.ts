import { HOUR, MINUTE } from '../../../lib/core/time.ts';
import type { Execution } from './execution.ts';
import { timing, variant } from './target.ts';
import type { Scope } from './world.ts';

/*
 * Steps from which states are built: workers that run, people who send requests, time that passes.
 */

export const pass = (stage: Execution, ms: number): void => {
  stage.world.now += ms;
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
export async function until(stage: Execution, name?: string): Promise<void> {
  const { top } = stage;
  while (top?.before && top.before.name !== name) await stage.step();
  if (name !== undefined && !top?.before) throw new NoSuchState(`no actor reaches ${name}`);
}

export async function run(stage: Execution, stop?: string): Promise<void> {
  await stage.start('worker');
  await until(stage, stop);
}

export async function die(stage: Execution, at: string): Promise<void> {
  await run(stage, at);
  stage.actors.pop();
}

export async function ask(
  stage: Execution,
  what: 'rotate' | 'compromise' | 'rollback',
): Promise<void> {
  pass(stage, MINUTE);
  await stage.start('request', what);
  await until(stage);
}

const down = (stage: Execution, scope: Scope, ms: number): void => {
  stage.world.outages = { ...stage.world.outages, [scope]: stage.world.now + ms };
};

export async function young(stage: Execution): Promise<void> {
  await run(stage);
  pass(stage, HOUR);
}

export async function due(stage: Execution): Promise<void> {
  await run(stage);
  pass(stage, timing().interval);
}

export async function grace(stage: Execution): Promise<void> {
  await young(stage);
  await ask(stage, 'rotate');
  await run(stage);
  pass(stage, HOUR);
}

/** A rotation, and then time until the end of the grace plus `more`. */
export async function graceEnd(stage: Execution, more: number): Promise<void> {
  await grace(stage);
  pass(stage, timing().grace - HOUR + more);
}

export async function failing(stage: Execution, times: number): Promise<void> {
  await graceDue(stage);
  for (let failure = 0; failure < times; failure++) {
    down(stage, 'vendor', 2 * MINUTE);
    await run(stage);
    pass(stage, ([1, 5, 30, 120, 0][failure] ?? 0) * MINUTE);
  }
  stage.world.outages = { registry: 0, vendor: 0, bus: 0, aws: 0 };
}

export async function graceDue(stage: Execution): Promise<void> {
  await grace(stage);
  await ask(stage, 'rotate');
}

export async function three(stage: Execution): Promise<void> {
  await graceDue(stage);
  await run(stage);
  pass(stage, HOUR);
}

export async function rolledBack(stage: Execution): Promise<void> {
  await grace(stage);
  await ask(stage, 'rollback');
  await run(stage);
  pass(stage, HOUR);
}

export const canSoak = () => timing().soak > 0;
export const hasRoom = () => variant().capabilities.liveAtOnce > 2;
