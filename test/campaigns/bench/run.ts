import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { floorOf } from './floors.ts';
import { type Figures, machine } from './report.ts';
import { countCalls } from './rotation/measure.ts';
import { bundleSweep, measureSweep, type SweepFigures } from './sweep/measure.ts';

/*
 * `npm run bench`: calls of each kind of work, sweeps of 1,000 to 100,000 targets, and the start of
 * each function. `--json <file>` writes the figures, from which `npm run performance` makes
 * docs/performance.md. Nothing is judged by a wall clock, except the starts, against the SDK's
 * clients in the same run. `--keep` and `--before`: see cold-start.ts.
 */
const { values: options } = parseArgs({
  options: { json: { type: 'string' }, keep: { type: 'string' }, before: { type: 'string' } },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Targets, and megabytes of heap. A sweep of 100,000 has to stay under 256 MB in all. */
const sizes = [
  [1_000, 128],
  [10_000, 128],
  [100_000, 128],
] as const;
/** Rounds; the median counts. The rounds go through all sizes, so that load affects all of them. */
const ROUNDS = 3;

const folder = mkdtempSync(join(tmpdir(), 'rekey-bench-'));
const file = join(folder, 'starts.json');
const passed = (['keep', 'before'] as const).flatMap((key) =>
  options[key] ? [`--${key}`, options[key]] : [],
);
try {
  const described = machine();
  say(`${described.cpu}, ${described.cores} cores, Node ${described.node}`);
  const calls = await countCalls();
  for (const row of calls.filter(({ work }) => work.startsWith('rotation'))) {
    const ratio = (row.aws / floorOf(row).aws).toFixed(1);
    const how = `${row.driver}${row.warm ? ', warm' : ''}`;
    say(`${row.provider} (${how}): ${row.aws} AWS calls, ${ratio} x the floor`);
  }
  const bundle = await bundleSweep(folder);
  const measured: SweepFigures[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [targets, heap] of sizes) measured.push(await measureSweep(bundle, targets, heap));
  const sweeps = sizes.map(([size]) => {
    const rounds = measured.filter(({ targets }) => targets === size);
    const [low, middle] = rounds.sort((a, b) => a.cpuPerTarget - b.cpuPerTarget);
    const figures = middle ?? low;
    if (!figures) throw new Error('a sweep was not measured');
    return { ...figures, peakMemory: Math.max(...rounds.map(({ peakMemory }) => peakMemory)) };
  });
  for (const { targets, cpuPerTarget, peakMemory } of sweeps)
    say(
      `sweep of ${targets}: ${Math.round(cpuPerTarget)} µs of CPU a target, ` +
        `${Math.round(peakMemory / 1e6)} MB`,
    );
  const starts = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'cold-start.ts'), '--json', file, ...passed],
    { stdio: 'inherit' },
  );
  const figures: Figures = {
    at: new Date().toISOString(),
    machine: described,
    calls,
    sweeps,
    starts: JSON.parse(readFileSync(file, 'utf8')),
  };
  if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  process.exitCode = starts.status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
