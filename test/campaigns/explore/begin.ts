import { Execution } from './execution.ts';
import { NoSuchState } from './past.ts';
import { type Start, starts } from './starts.ts';
import { choose, type VariantName } from './target.ts';
import { emptyWorld, type World } from './world.ts';

/**
 * Builds the world in which the schedules of a start begin; `undefined` if the variant has no such
 * state.
 */
export async function prepare(
  variant: VariantName,
  name: string,
): Promise<{ start: Start; world: World } | undefined> {
  choose(variant);
  const start = starts[name];
  if (!start) throw new Error(`--start ${name}: expected one of ${Object.keys(starts).join(', ')}`);
  if (start.applies && !start.applies()) return undefined;
  const execution = new Execution(emptyWorld());
  try {
    await start.before(execution);
    await begin(start, execution.world);
  } catch (error) {
    if (error instanceof NoSuchState) return undefined;
    throw error;
  }
  return { start, world: execution.world };
}

/** Begins an execution. */
export async function begin(
  start: Start,
  world: World,
  told?: (line: string) => void,
): Promise<Execution> {
  const execution = new Execution(world, told);
  execution.message = !start.hanging;
  await start.hanging?.(execution);
  return execution;
}
