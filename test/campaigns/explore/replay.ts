import { begin, prepare } from './begin.ts';
import { violationOf } from './effect.ts';
import type { Execution } from './execution.ts';
import { parsed } from './schedule.ts';
import { settle } from './settle.ts';
import { type VariantName, variants } from './target.ts';
import type { World } from './world.ts';

/**
 * Executes one schedule, `<variant> <start> <schedule>`, and prints each step. Resolves to true if
 * no promise was broken.
 */
export async function replay(text: string, print: (line: string) => void): Promise<boolean> {
  const [variant = '', name = '', schedule = '-'] = text.trim().split(/\s+/);
  if (!(variant in variants))
    throw new Error(
      `--replay ${variant}: expected a variant, one of ${Object.keys(variants).join(', ')}`,
    );
  const prepared = await prepare(variant as VariantName, name);
  if (!prepared) throw new Error(`--replay: ${variant} has no start ${name}`);
  const { start, world } = prepared;
  const planned = new Map(parsed(schedule));
  const last = Math.max(-1, ...planned.keys());
  const say = teller(world, print);

  const violation = await violationOf(async () => {
    print(`begins at ${timeOf(world)}`);
    const execution = await begin(start, world, (line) => print(`          ${line}`));
    say(execution.world);
    try {
      for (let decision = 0; ; decision++) {
        print(`${String(decision).padStart(4)} ${timeOf(execution.world)}`);
        const choice = planned.get(decision);
        if (choice !== undefined) await chosen(execution, decision, choice);
        else if (!(await execution.goOn())) {
          if (decision <= last)
            throw new Error(`--replay: the schedule has only ${decision} decisions`);
          break;
        }
        say(execution.world);
      }
      for (const line of shownLabels(execution.world)) print(line);
      print('the world is well from here on');
      await settle(execution.world);
    } finally {
      say(execution.world);
      for (const line of shownLabels(execution.world)) print(line);
    }
  });
  print(violation ? `FAILED ${violation.check}: ${violation.message}` : 'all held');
  return !violation;
}

async function chosen(execution: Execution, decision: number, choice: string): Promise<void> {
  const { choices } = execution;
  if (!choices.includes(choice))
    throw new Error(
      `--replay: ${decision}:${choice} is not possible; possible are ${choices.join(', ')}`,
    );
  await execution.choose(choice);
}

const shownLabels = ({ labels, values }: World): readonly string[] =>
  Object.entries(labels).map(
    ([id, all]) => `            ${values[id]?.credential ?? id}: ${all.join(' ')}`,
  );

const timeOf = ({ now }: World): string => new Date(now).toISOString().slice(0, 19);

/** Prints what has happened since the last call. */
function teller({ story }: World, print: (line: string) => void): (world: World) => void {
  let told = story.length;
  return (world) => {
    for (const { what, ...rest } of world.story.slice(told))
      print(`            = ${what} ${shown(rest)}`);
    told = world.story.length;
  };
}

/** Leaves out the fields that never differ. */
const shown = (rest: object): string =>
  JSON.stringify(rest, (key, value) =>
    ['provider', 'secretArn'].includes(key) ? undefined : value,
  );
