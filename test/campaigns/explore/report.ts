import type { Found, Task } from './search.ts';

export type Report = Task & Found;

/** The lines for one scenario; none if every schedule held. */
export function row({ variant, start, violations, complete, depth }: Report): string[] {
  const found = violations.map(({ check, message, schedule, count }) =>
    [
      `FAILED ${check}: ${message.slice(0, 200)}`,
      `  npm run explore -- --replay '${variant} ${start} ${schedule}'   (${count} in all)`,
    ].join('\n'),
  );
  return complete < depth
    ? [...found, `not complete: ${variant} ${start}, depth ${complete} of ${depth}`]
    : found;
}

const sum = (reports: readonly Report[], of: (report: Report) => number): number =>
  reports.reduce((total, report) => total + of(report), 0);

const passOf = ({ depth, only }: Report): string =>
  `depth ${depth}, ${only?.join(' ') ?? 'all deviations'}`;

const figuresOf = (reports: readonly Report[]) => ({
  scenarios: reports.length,
  states: sum(reports, ({ states }) => states),
  executions: sum(reports, ({ executions }) => executions),
  violations: sum(reports, ({ violations }) => violations.length),
  incomplete: reports.filter(({ complete, depth }) => complete < depth).length,
});

/** One line for each variant and depth. */
export function table(reports: readonly Report[]): string[] {
  const cells = grouped(reports).map(({ variant, pass, ...figures }) => [
    variant,
    pass,
    ...[
      figures.scenarios,
      figures.states,
      figures.executions,
      figures.incomplete,
      figures.violations,
    ].map(String),
  ]);
  const all = [
    ['variant', 'schedules', 'starts', 'states', 'executions', 'not complete', 'violations'],
    ...cells,
  ];
  const width = (column: number) => Math.max(...all.map((line) => line[column]?.length ?? 0));
  return all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}

function grouped(reports: readonly Report[]) {
  const groups = Map.groupBy(reports, (report) => `${report.variant}|${passOf(report)}`);
  return [...groups].map(([key, group]) => {
    const [variant = '', pass = ''] = key.split('|');
    return { variant, pass, ...figuresOf(group) };
  });
}

/** The content of the JSON report: figures and counterexamples. */
export const summary = (reports: readonly Report[]) => ({
  ...figuresOf(reports),
  passes: grouped(reports),
  counterexamples: reports.flatMap(({ variant, start, violations }) =>
    violations.map(({ check, message, schedule, count }) => ({
      check,
      replay: `${variant} ${start} ${schedule}`,
      count,
      message,
    })),
  ),
});
