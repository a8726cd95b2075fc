import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesise } from '../../support/deployment.ts';
import { startLambda } from '../../support/lambda.ts';
import { clientsBundle, emptyBundle, externalsOf, sizeOf, smallClientsBundle } from './bundles.ts';
import { GROWTH, limits, RATIO } from './limits.ts';

/*
 * A part of `npm run bench`: measures the size of each function, and the time from the start of a
 * process until it asks for its first event. Runs of all bundles are interleaved, so that load on
 * the machine affects all of them. `--keep <folder>` keeps the bundles there, and `--before
 * <folder>` also measures the bundles of another commit. `--json <file>` writes the figures.
 */
const { values: options } = parseArgs({
  options: { keep: { type: 'string' }, before: { type: 'string' }, json: { type: 'string' } },
});
const RUNS = 15;
const say = (line: string) => void process.stdout.write(`${line}\n`);

interface Measured {
  readonly name: string;
  readonly size: number;
  readonly times: readonly number[];
}

async function coldStart(name: string, bundle: string): Promise<number> {
  const start = performance.now();
  const lambda = await startLambda({
    name,
    bundle,
    environment: { REKEY_FLEET: join(bundle, 'fleet.json') },
  });
  try {
    await lambda.ready;
    return performance.now() - start;
  } finally {
    await lambda.kill();
  }
}

async function measure(
  bundles: readonly (readonly [name: string, folder: string])[],
): Promise<readonly Measured[]> {
  const times = new Map<string, number[]>(bundles.map(([name]) => [name, []]));
  // the first round warms the file cache and is not counted
  for (let run = 0; run <= RUNS; run += 1) {
    for (const [name, folder] of bundles) {
      const time = await coldStart(name, folder);
      if (run > 0) times.get(name)?.push(time);
    }
  }
  return bundles.map(([name, folder]) => ({
    name,
    size: sizeOf(folder),
    times: times.get(name) ?? [],
  }));
}

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;

function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    say(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
  }
}

const rows = {
  empty: 'bare process',
  clients: 'SDK clients, CDK’s flags',
  externals: 'SDK clients, CDK’s flags, our externals',
  small: 'SDK clients, our flags and externals',
} as const;

const before = (name: string): string => `${name}, before`;

/** Prints the measurements. Returns the missed limits. */
function report(measured: readonly Measured[]): readonly string[] {
  const medianOf = (wanted: string) =>
    median(measured.find(({ name }) => name === wanted)?.times ?? []);
  const [baseline, small] = [medianOf(rows.clients), medianOf(rows.small)];
  const missed: string[] = [];
  const lines = measured.map(({ name, size, times }) => {
    const [time, limit] = [median(times), limits[name]];
    if (limit !== undefined && size > limit)
      missed.push(`${name} is larger than ${limit / 1000} KB`);
    const earlier = medianOf(before(name));
    if (time > GROWTH * earlier) missed.push(`${name} is ready later than ${GROWTH} x before`);
    if (limit !== undefined && time > RATIO * baseline)
      missed.push(`${name} is ready later than ${RATIO} x the SDK clients`);
    const ratios = [time / baseline, time / small, time / earlier].map((ratio) =>
      Number.isNaN(ratio) ? '' : ratio.toFixed(2),
    );
    return [
      name,
      (size / 1000).toFixed(1),
      limit ? `${limit / 1000}` : '',
      time.toFixed(1),
      Math.min(...times).toFixed(1),
      ...ratios,
    ];
  });
  say(
    [
      `cold start, ${RUNS} interleaved runs each: from the start of a process until it asks for`,
      'its first event; KB = 1000 bytes',
    ].join(' '),
  );
  table([
    ['', 'KB', 'limit', 'median ms', 'min ms', 'x CDK’s flags', 'x our flags', 'x before'],
    ...lines,
  ]);
  return missed;
}

const folder = mkdtempSync(join(tmpdir(), 'rekey-bench-'));
try {
  const { functions } = synthesise(join(folder, 'cdk.out'));
  const ours = Object.entries(functions).map(([name, { bundle }]) => [name, bundle] as const);
  if (options.keep)
    for (const [name, bundle] of ours)
      cpSync(bundle, join(options.keep, name), { recursive: true });
  const earlier = ours.flatMap(([name]) =>
    options.before ? [[before(name), join(options.before, name)] as const] : [],
  );
  const externals = [...new Set(ours.flatMap(([, bundle]) => externalsOf(bundle)))];
  const measured = await measure([
    [rows.empty, emptyBundle(join(folder, 'empty'))],
    [rows.clients, await clientsBundle(join(folder, 'clients'))],
    [rows.externals, await clientsBundle(join(folder, 'externals'), externals)],
    [rows.small, await smallClientsBundle(join(folder, 'small'), externals)],
    ...earlier,
    ...ours,
  ]);
  if (options.json) writeFileSync(options.json, JSON.stringify(measured));
  const missed = report(measured);
  say(`not in our bundles: ${externals.join(' ') || 'nothing'}`);
  for (const what of missed) say(`missed: ${what}`);
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
