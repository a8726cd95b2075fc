import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/*
 * Writes the figures of the last runs, which the scripts leave under .rekey/, into
 * docs/reliability.md between its marks. Scripts without figures are reported as not run.
 */
const PAGE = 'docs/reliability.md';

function figures<Figures>(name: string): Figures | undefined {
  const file = `.rekey/${name}.json`;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Figures) : undefined;
}

interface Part {
  readonly scenarios: number;
  readonly held: number;
  readonly seconds: number;
}
type Row = readonly [
  what: string,
  runs: number | string,
  held: number | string,
  seed: number | string,
  seconds: number | string,
];
const missing = (what: string): Row => [what, 'not run', '', '', ''];

function crashMatrix(): Row[] {
  const found = figures<{ seed: string; parts: Record<string, Part> } & Part>('crash-matrix');
  if (!found) return [missing('crash matrix')];
  const parts = Object.entries(found.parts).map(([name, { scenarios, held, seconds }]): Row => {
    return [`crash matrix: ${name}`, scenarios, held, found.seed, Math.round(seconds)];
  });
  return [
    ...parts,
    ['crash matrix, all', found.scenarios, found.held, found.seed, Math.round(found.seconds)],
  ];
}

function others(): Row[] {
  const faults = figures<{
    cases: number;
    held: number;
    seed: string;
    seconds: number;
    part: number;
  }>('faults');
  const histories = figures<{ runs: number; failed: number; seed: number; seconds: number }>(
    'histories',
  );
  const races = figures<{ rounds: number; held: number; workers: number; seconds: number }>(
    'races',
  );
  const fuzz = figures<{ total: number; failed: number; seed: number; seconds: number }>('fuzz');
  return [
    faults
      ? [
          `faults at every call (a share of ${faults.part})`,
          faults.cases,
          faults.held,
          faults.seed,
          faults.seconds,
        ]
      : missing('faults'),
    histories
      ? [
          'histories',
          histories.runs,
          histories.runs - histories.failed,
          histories.seed,
          histories.seconds,
        ]
      : missing('histories'),
    races
      ? [
          `races: rounds of ${races.workers} processes on one target`,
          races.rounds,
          races.held,
          '',
          Math.round(races.seconds),
        ]
      : missing('races'),
    fuzz
      ? ['fuzz: inputs', fuzz.total, fuzz.total - fuzz.failed, fuzz.seed, fuzz.seconds]
      : missing('fuzz'),
  ];
}

function mutants(): string[] {
  const found = figures<{
    guards: readonly { name: string; noticedBy?: string }[];
    seconds: number;
  }>('mutants');
  if (!found) return ['`npm run mutants` was not run.'];
  const rows = found.guards.map(
    ({ name, noticedBy }) => `| ${cell(name)} | ${noticedBy ? cell(noticedBy) : '**nobody**'} |`,
  );
  return ['| guard, broken | the first test that turned red |', '|---|---|', ...rows];
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function between(page: string, mark: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no mark ${mark}`);
  return `${page.slice(0, from + start.length)}\n${lines.join('\n')}\n${page.slice(to)}`;
}

const rows = [...crashMatrix(), ...others()].map((row) => `| ${row.join(' | ')} |`);
const table = ['| | runs | held | seed | seconds |', '|---|---|---|---|---|', ...rows];
const machine = `${availableParallelism()} cores, Node ${process.versions.node}.`;

interface Explored {
  readonly seconds: number;
  readonly passes: readonly Record<string, string | number>[];
}

function explored(): string[] {
  const found = figures<Explored>('explore');
  const [first] = found?.passes ?? [];
  if (!found || !first) return ['`npm run explore` was not run.'];
  const keys = Object.keys(first);
  const lines = found.passes.map((one) => `| ${keys.map((key) => one[key]).join(' | ')} |`);
  return [
    `| ${keys.join(' | ')} |`,
    `|${keys.map(() => '---|').join('')}`,
    ...lines,
    '',
    `${found.seconds} seconds in all.`,
  ];
}

let page = readFileSync(PAGE, 'utf8');
page = between(page, 'figures', [...table, '', machine]);
page = between(page, 'figures: explore', explored());
page = between(page, 'mutants', mutants());
writeFileSync(PAGE, page);
