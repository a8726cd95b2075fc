import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fuzz } from './subject.ts';
import { kept, subjects } from './subjects.ts';

const FIGURES = '.rekey/fuzz.json';
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: 'random' },
  },
});
const seed = values.seed === 'random' ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
const print = (line: string) => void process.stdout.write(`${line}\n`);

const started = performance.now();
const share = (Number(values.minutes) * 60_000) / subjects.length;
const runs: Record<string, number> = {};
let failed = 0;
const tell = (name: string, problem: string, input: unknown) => {
  failed += 1;
  print(`FAILED ${name}: ${problem}`);
  print(`for test/campaigns/fuzz/seeds.json: ${JSON.stringify({ subject: name, input })}`);
};
for (const { subject: name, input } of kept) {
  const subject = subjects.find((one) => one.name === name);
  await Promise.resolve(subject?.stands(input)).catch((error: unknown) =>
    tell(name, String(error), input),
  );
}
for (const subject of subjects) {
  const { runs: done, problem, input } = await fuzz(subject, { seed, runs: 10_000_000, ms: share });
  runs[subject.name] = done;
  if (problem) tell(subject.name, problem, input);
  await subject.close?.();
}
const seconds = Math.round((performance.now() - started) / 1000);
const total = Object.values(runs).reduce((sum, one) => sum + one, 0);
mkdirSync('.rekey', { recursive: true });
writeFileSync(FIGURES, `${JSON.stringify({ total, failed, seed, seconds, runs }, undefined, 2)}\n`);
print(
  [
    `fuzz: ${total} inputs to ${subjects.length} subjects, ${failed} failed, seed ${seed},`,
    `${seconds} s`,
  ].join(' '),
);
process.exit(failed === 0 ? 0 : 1);
