import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { inThreads } from '../histories/threads.ts';
import { type ChoiceKind, kinds } from './choices.ts';
import { replay } from './replay.ts';
import { type Report, row, summary, table } from './report.ts';
import type { Found, Task } from './search.ts';
import { starts } from './starts.ts';
import { type VariantName, variants } from './target.ts';

const FIGURES = '.rekey/explore.json';

const { values } = parseArgs({
  options: {
    depth: { type: 'string' },
    variant: { type: 'string', default: Object.keys(variants).join(',') },
    start: { type: 'string', default: Object.keys(starts).join(',') },
    /** Kinds of deviations, as in choices.ts; all of them without it. */
    only: { type: 'string' },
    /** Time limit for the whole run. Scenarios that it cuts short are reported and fail the run. */
    seconds: { type: 'string' },
    /** Only schedules with at most one deviation, for a build. */
    sample: { type: 'boolean', default: false },
    replay: { type: 'string' },
  },
});
const print = (line: string) => void process.stdout.write(`${line}\n`);

const listed = <Name extends string>(
  option: string,
  text: string,
  known: readonly Name[],
): Name[] =>
  text.split(',').map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`--${option} ${name}: expected ${known.join(', ')}`);
    return found;
  });

if (values.replay !== undefined) {
  process.exit((await replay(values.replay, print)) ? 0 : 1);
}

const chosen = listed('variant', values.variant, Object.keys(variants) as VariantName[]);
const begun = listed('start', values.start, Object.keys(starts));
const only = values.only === undefined ? undefined : listed<ChoiceKind>('only', values.only, kinds);
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (seconds !== undefined && !(seconds > 0))
  throw new Error(`--seconds ${values.seconds}: expected a number above 0`);

/** Kinds of deviations that are combined in pairs. */
const SECOND: readonly ChoiceKind[] = ['worker', 'switch', 'kill', 'compromise', 'rollback'];
interface Pass {
  readonly depth: number;
  readonly only?: readonly ChoiceKind[] | undefined;
}
const first: Pass = { depth: 1, only };
const passes: readonly Pass[] =
  values.depth !== undefined
    ? [{ depth: Number(values.depth), only }]
    : values.sample
      ? [first]
      : [first, { depth: 2, only: SECOND }];
for (const { depth } of passes)
  if (!Number.isInteger(depth) || depth < 0)
    throw new Error(`--depth ${values.depth}: expected a whole number, at least 0`);

const until = seconds === undefined ? undefined : Date.now() + seconds * 1000;
const tasks: Task[] = passes.flatMap((pass) =>
  chosen.flatMap((variant) => begun.map((start) => ({ variant, start, ...pass, until }))),
);
const started = performance.now();
const reports: Report[] = [];
await inThreads<Task, Found | undefined>(
  new URL('./thread.ts', import.meta.url),
  tasks,
  availableParallelism(),
  (found, task) => {
    if (!found) return;
    reports.push({ ...task, ...found });
    for (const line of row({ ...task, ...found })) print(line);
  },
);
const took = Math.round((performance.now() - started) / 100) / 10;
for (const line of table(reports)) print(line);
const figures = summary(reports);
mkdirSync('.rekey', { recursive: true });
writeFileSync(FIGURES, `${JSON.stringify({ ...figures, seconds: took }, undefined, 2)}\n`);
const { states, executions, violations, incomplete } = figures;
const held = violations === 0 ? 'all held' : `${violations} counterexamples`;
print(
  [
    `explore: ${states} states, ${executions} executions, ${held}, ${incomplete} scenarios not`,
    `complete, ${took} s`,
  ].join(' '),
);
process.exit(violations === 0 && incomplete === 0 ? 0 : 1);
