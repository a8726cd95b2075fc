import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { providersThat } from '../../support/providers.ts';
import { digest } from './record.ts';
import type { Found, Lived, Task } from './search.ts';
import { inThreads } from './threads.ts';

const FIGURES = '.rekey/histories.json';
/** Number of histories that a thread gets at a time. */
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
    threads: { type: 'string', default: String(availableParallelism()) },
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
/** Digests of the calls, by the seed of the share. */
const calls = new Map<number, string>();
let failed = 0;
let told = 0;
const module = new URL('./thread.ts', import.meta.url);
const failing: Lived[] = [];
await inThreads<Task, Found>(module, tasks, Number(values.threads), (found, task) => {
  lived[task.provider] = (lived[task.provider] ?? 0) + task.runs;
  told += task.runs;
  calls.set(task.seed, found.calls);
  if (found.problem) {
    failed += 1;
    if (found.history && found.life) failing.push({ history: found.history, life: found.life });
    print(`FAILED ${task.provider}, seed ${task.seed}: ${found.problem}`);
    print(
      [
        'for test/campaigns/histories/seeds.json:',
        `${JSON.stringify({ name: 'what must be true', history: found.history })}`,
      ].join(' '),
    );
  }
  if (told % 10_000 < SHARE)
    print(`${told} of ${runs}, ${Math.round((performance.now() - started) / 1000)} s`);
});
// in a thread of its own, where no other life came before
for (const lived of failing)
  await inThreads<Lived, string | undefined>(module, [lived], 1, (problem) => {
    if (problem) print(`${lived.history.provider}, seed ${lived.history.seed}: ${problem}`);
  });
// the same for two runs with the same seed, however the shares were distributed
const made = digest(tasks.map(({ seed: of }) => calls.get(of)).join());
const seconds = Math.round((performance.now() - started) / 100) / 10;
const figures = { runs, failed, seed, calls: made, seconds, providers: lived };
mkdirSync('.rekey', { recursive: true });
writeFileSync(FIGURES, `${JSON.stringify(figures, undefined, 2)}\n`);
print(
  [
    `histories: ${runs} lived,`,
    `${failed === 0 ? 'all held' : `${failed} shares of ${SHARE} with one that did not hold`},`,
    `seed ${seed}, calls ${made}, ${seconds} s`,
  ].join(' '),
);
process.exit(failed === 0 ? 0 : 1);
