import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { providers } from '../../../lib/providers/index.ts';
import { sampled } from '../../support/sample.ts';
import { places } from './effects.ts';
import { warmUp } from './kill.ts';
import { type Answer, createPool, type Task } from './pool.ts';
import { nameOf, parseName, play, type Result, type Scenario } from './scenario.ts';
import { transitions } from './transitions.ts';

const FIGURES = '.rekey/crash-matrix.json';
/** Maximum number of printed failures. The rest is counted. */
const SHOWN = 40;

const { values } = parseArgs({
  options: {
    providers: { type: 'string', default: Object.keys(providers).join(',') },
    /** Number of single crashes in a random sample. @default all of them */
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    kill: { type: 'string', default: '300' },
    double: { type: 'string', default: '2000' },
    /** The name of the only scenario to run. */
    only: { type: 'string' },
  },
});
const { seed } = values;
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Seconds, rounded to a tenth. */
const since = (start: number): number => Math.round((performance.now() - start) / 100) / 10;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const task = (scenario: Scenario): Task => ({ kind: 'play', scenario, seed });
const failure = ({ name, problem }: Result): string =>
  `FAILED ${name}\n       ${problem}\n       alone: --seed ${seed} --only "${name}"`;

/** Every effect of every transition that a provider has, with a crash in each place. */
const crashes = (provider: string, transition: string, effects: number): Scenario[] =>
  Array.from({ length: effects }, (_, index) =>
    places.map((place) => ({ provider, transition, first: { effect: index + 1, place } })),
  ).flat();

/** A second crash at each call of the recovery from the first. */
const seconds = (first: Scenario, recovery: number): Scenario[] =>
  Array.from({ length: recovery }, (_, index) =>
    places.map((place) => ({ ...first, second: { effect: index + 1, place } })),
  ).flat();

async function one(name: string): Promise<number> {
  const scenario = parseName(name);
  if (!scenario)
    throw new Error(
      `"${name}" is not the name of a scenario, such as "ionos, rotation, effect 3 unanswered"`,
    );
  const result = await play(scenario, seed);
  print(result.problem ? failure(result) : `held   ${nameOf(scenario)}`);
  print(`crash matrix: 1 scenarios, ${result.problem ? 0 : 1} held`);
  return result.problem ? 1 : 0;
}

async function matrix(): Promise<number> {
  const began = performance.now();
  const pool = createPool(availableParallelism());
  const problems: string[] = [];
  const parts: Record<string, { scenarios: number; held: number; seconds: number }> = {};

  async function part(name: string, scenarios: readonly Scenario[]): Promise<Answer[]> {
    const start = performance.now();
    const answers = await pool.all(scenarios.map(task), ({ result }) => {
      if (!result?.problem) return;
      if (problems.push(failure(result)) <= SHOWN) print(failure(result));
    });
    const held = answers.filter(({ result }) => result && !result.problem).length;
    parts[name] = { scenarios: scenarios.length, held, seconds: since(start) };
    print(`${name}: ${scenarios.length} scenarios, ${held} held, ${parts[name].seconds} s`);
    return answers;
  }

  try {
    const cells = values.providers
      .split(',')
      .flatMap((provider) => transitions.map(({ name }) => ({ provider, transition: name })));
    const counts = await pool.all(cells.map((cell) => ({ kind: 'count', ...cell })));
    const there = counts.filter(
      ({ effects, problem }) => effects !== undefined || problem !== undefined,
    );
    const broken = there.flatMap(({ problem }) => (problem ? [`FAILED ${problem}`] : []));
    for (const line of broken) print(line);
    parts['no crash'] = {
      scenarios: there.length,
      held: there.length - broken.length,
      seconds: since(began),
    };
    print(
      [
        `no crash: ${there.length} scenarios, ${there.length - broken.length} held,`,
        `${since(began)} s`,
      ].join(' '),
    );
    const every = cells.flatMap(({ provider, transition }, index) =>
      crashes(provider, transition, counts[index]?.effects ?? 0),
    );
    const all = values.sample ? sampled(every, Number(values.sample), `sample ${seed}`) : every;

    const answers = await part('one crash, thrown', all);
    const pairs = all.flatMap((scenario, index) =>
      seconds(scenario, answers[index]?.result?.recovery ?? 0),
    );
    await part('two crashes, thrown', sampled(pairs, Number(values.double), `double ${seed}`));
    await warmUp();
    await part(
      'one crash, SIGKILL',
      sampled(every, Number(values.kill), `kill ${seed}`).map((scenario) => ({
        ...scenario,
        killed: true,
      })),
    );

    const had = new Set(
      cells.filter((_, index) => counts[index]?.effects).map(({ transition }) => transition),
    );
    const scenarios = sum(Object.values(parts).map((one) => one.scenarios));
    const held = sum(Object.values(parts).map((one) => one.held));
    const figures = {
      seed,
      providers: values.providers.split(','),
      transitions: [...had],
      cells: counts.filter(({ effects }) => effects).length,
      effects: sum(counts.map(({ effects }) => effects ?? 0)),
      possiblePairs: pairs.length,
      parts,
      scenarios,
      held,
      seconds: since(began),
    };
    mkdirSync('.rekey', { recursive: true });
    writeFileSync(FIGURES, `${JSON.stringify(figures, undefined, 2)}\n`);
    if (problems.length > SHOWN) print(`and ${problems.length - SHOWN} more`);
    print(`crash matrix: ${scenarios} scenarios, ${held} held`);
    return held === scenarios && every.length > 0 ? 0 : 1;
  } finally {
    await pool.close();
  }
}

process.exitCode = await (values.only ? one(values.only) : matrix());
