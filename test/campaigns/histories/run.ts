import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { providersThat } from '../../support/providers.ts';
import type { Found, Task } from './search.ts';
import { inThreads } from './threads.ts';

const FIGURES = '.rekey/histories.json';
/** Histories a thread is given at a time. */
const SHARE = 20;

const { values } = parseArgs({
  options: {
    providers: {
      type: 'string',
      default: providersThat({ revokes: true }).join(','),
    },
    runs: { type: 'string', default: '2000' },
    /** A number, or `random`. */
    seed: { type: 'string', default: '1' },
  },
});
const seed = values.seed === 'random' ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1)
  throw new Error(`--runs ${values.runs}: expected a whole number, at least 1`);
const names = values.providers.split(',');
const print = (line: string) => void process.stdout.write(`${line}\n`);

const tasks: Task[] = Array.from({ length: Math.ceil(runs / SHARE) }, (_, index) => ({
  provider: names[index % names.length] ?? '',
  seed: (seed * 100_003 + index) | 0,
  runs: Math.min(SHARE, runs - index * SHARE),
}));

const started = performance.now();
const lived: Record<string, number> = {};
let failed = 0;
let told = 0;
await inThreads<Task, Found>(
  new URL('./thread.ts', import.meta.url),
  tasks,
  availableParallelism(),
  (found, task) => {
    lived[task.provider] = (lived[task.provider] ?? 0) + task.runs;
    told += task.runs;
    if (found.problem) {
      failed += 1;
      print(`FAILED ${task.provider}, seed ${task.seed}: ${found.problem}`);
      print(
        `for test/campaigns/histories/seeds.json: ${JSON.stringify({ name: 'what must be true', history: found.history })}`,
      );
    }
    if (told % 10_000 < SHARE)
      print(`${told} of ${runs}, ${Math.round((performance.now() - started) / 1000)} s`);
  },
);
const seconds = Math.round((performance.now() - started) / 100) / 10;
mkdirSync('.rekey', { recursive: true });
writeFileSync(
  FIGURES,
  `${JSON.stringify({ runs, failed, seed, seconds, providers: lived }, undefined, 2)}\n`,
);
print(
  `histories: ${runs} lived, ${failed === 0 ? 'all held' : `${failed} shares of ${SHARE} with one that did not hold`}, seed ${seed}, ${seconds} s`,
);
process.exit(failed === 0 ? 0 : 1);
