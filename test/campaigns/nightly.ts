import { spawnSync } from 'node:child_process';

const seed = String(Date.now());
// the engine's tests play everything that they draw by seed in npm test
const env = { ...process.env, REKEY_TESTS: 'all', REKEY_SEED: seed };

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
  ['engine', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'engine'],
  ['mutants', 'test/campaigns/mutants/run.ts'],
];
const failed = jobs.filter(([name, ...command]) => {
  process.stdout.write(`\n=== ${name}\n`);
  return spawnSync(process.execPath, command, { stdio: 'inherit', env }).status !== 0;
});
process.stdout.write(`\nnightly: ${jobs.length} jobs, ${jobs.length - failed.length} passed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
