import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { providers } from '../../../lib/providers/index.ts';
import { startStrangers } from './strangers.ts';
import type { Played, Share } from './thread.ts';

const FIGURES = '.rekey/faults.json';
/** Maximum number of printed failures. The rest is counted. */
const SHOWN = 40;

const { values } = parseArgs({
  options: {
    providers: { type: 'string', default: Object.keys(providers).join(',') },
    /** Share of the cases, from 0 to 1. */
    part: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    /** The name of the only case to run. */
    only: { type: 'string' },
  },
});
const part = Number(values.part);
if (!(part > 0 && part <= 1))
  throw new Error(`--part ${values.part}: expected a number above 0, at most 1`);
const print = (line: string) => void process.stdout.write(`${line}\n`);

const names = values.only ? [values.only.split(',')[0] ?? ''] : values.providers.split(',');
const unknown = names.filter((name) => !(name in providers));
if (unknown.length > 0) {
  const option = values.only ? '--only' : '--providers';
  print(`${option}: no provider ${unknown.join(', ')}; a case begins with its provider`);
  process.exit(2);
}

const strangers = await startStrangers();
const { elsewhere, untrusted } = strangers;

const began = performance.now();
const problems: string[] = [];
let cases = 0;

function take({ name, problem }: Played): void {
  cases += 1;
  if (!problem) return;
  const line = `FAILED ${name}\n       ${problem}\n       alone: --only "${name}"`;
  if (problems.push(line) <= SHOWN) print(line);
}

const of = values.only ? 1 : availableParallelism();
const shares = Array.from(
  { length: of },
  (_, share): Share => ({
    providers: names,
    share,
    of,
    part,
    seed: values.seed,
    only: values.only,
    strangers: { elsewhere, untrusted },
  }),
);
await Promise.all(
  shares.map(
    (workerData) =>
      new Promise<void>((resolve, reject) => {
        const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData });
        thread.on('message', take).once('error', reject);
        thread.once('exit', (code) =>
          code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`)),
        );
      }),
  ),
);
strangers.close();

const arrived = `${strangers.count} requests arrived at a stranger`;
if (strangers.count > 0) problems.push(arrived);
const held = Math.max(0, cases - problems.length);
const seconds = Math.round((performance.now() - began) / 1000);
mkdirSync('.rekey', { recursive: true });
if (!values.only) {
  const figures = { seed: values.seed, part, providers: names, cases, held, seconds };
  writeFileSync(FIGURES, `${JSON.stringify(figures, undefined, 2)}\n`);
}
if (problems.length > SHOWN) print(`and ${problems.length - SHOWN} more`);
if (strangers.count > 0) print(`FAILED ${arrived}`);
print(`faults: ${cases} cases, ${held} held`);
process.exitCode = problems.length === 0 && cases > 0 ? 0 : 1;
