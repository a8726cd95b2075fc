import { spawnSync } from 'node:child_process';

const seed = String(Date.now());

// The campaigns that take too long for each change: about two hours on two cores. Continues after a
// failure and reports it at the end.
const jobs: readonly (readonly [name: string, ...command: string[]])[] = [
  [
    'crash-matrix',
    'test/campaigns/crash-matrix/run.ts',
    '--seed',
    seed,
    '--kill',
    '1000',
    '--double',
    '10000',
  ],
  ['faults', 'test/campaigns/faults/run.ts'],
  ['histories', 'test/campaigns/histories/run.ts', '--runs', '100000', '--seed', 'random'],
  ['explore', 'test/campaigns/explore/run.ts'],
  ['races', 'test/campaigns/races/run.ts'],
  ['fuzz', 'test/campaigns/fuzz/run.ts', '--minutes', '5'],
  ['mutants', 'test/campaigns/mutants/run.ts'],
];
const failed = jobs.filter(([name, ...command]) => {
  process.stdout.write(`\n=== ${name}\n`);
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status !== 0;
});
process.stdout.write(`\nnightly: ${jobs.length} jobs, ${jobs.length - failed.length} passed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
