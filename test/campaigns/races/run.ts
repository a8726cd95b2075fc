import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { InboundType } from '../../../lib/core/events/index.ts';
import { MINUTE } from '../../../lib/core/time.ts';
import { startSandbox } from '../../../lib/sandbox/index.ts';
import { providersThat } from '../../support/providers.ts';
import { createCrew } from './crew.ts';
import { shiftedClock } from './job.ts';
import { createTrack } from './track.ts';

const FIGURES = '.rekey/races.json';
/**
 * The requests before the rounds, in a cycle: rotations, with the ends of earlier ones between
 * them.
 */
const asked: readonly (InboundType | undefined)[] = [
  'Rotation Requested',
  undefined,
  'Rotation Requested',
  'Rollback Requested',
  'Rotation Requested',
  'Credential Compromised',
  undefined,
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    workers: { type: 'string', default: '8' },
    providers: {
      type: 'string',
      default: providersThat({ revokes: true, cramped: false }).join(','),
    },
  },
});
const rounds = Number(values.rounds);
const workers = Number(values.workers);
const print = (line: string) => void process.stdout.write(`${line}\n`);

const started = performance.now();
let offset = 0;
const sandbox = await startSandbox({ clock: shiftedClock(() => offset) });
const crew = createCrew(workers);
const names = values.providers.split(',');
const tracks = await Promise.all(names.map((name) => createTrack(sandbox, name, () => offset)));
let held = 0;
let lost = 0;
let spoilt = 0;
try {
  for (let round = 0; round < rounds; round++) {
    const track = tracks[round % tracks.length];
    if (!track) break;
    if (round % tracks.length === 0) offset += 50 * MINUTE;
    const type = asked[Math.floor(round / tracks.length) % asked.length];
    await track.ask(type);
    const job = { aws: sandbox.url, endpoints: sandbox.endpoints, target: track.target };
    const reports = await crew.round({ ...job, offset });
    // if workers have spoiled each other's attempts, the next worker succeeds after the backoff
    for (let next = 0; next < 3 && !(await track.settled()); next++) {
      offset += 6 * MINUTE;
      spoilt += 1;
      reports.push(...(await crew.round({ ...job, offset }, 1)));
    }
    lost += reports.filter((report) => report.lost).length;
    const wrong = [...reports.flatMap(({ problem }) => problem ?? []), ...(await track.judge())];
    if (wrong.length === 0) held += 1;
    else
      print(
        [
          `FAILED round ${round + 1}, ${track.name}, ${type ?? 'an hour later'}:`,
          ...wrong.map((one) => `  ${one}`),
          `  ${JSON.stringify(reports)}`,
        ].join('\n'),
      );
  }
} finally {
  crew.close();
  await sandbox.close();
}
const seconds = Math.round((performance.now() - started) / 100) / 10;
mkdirSync('.rekey', { recursive: true });
const figures = { rounds, held, workers, lostRaces: lost, spoilt, providers: names, seconds };
writeFileSync(FIGURES, `${JSON.stringify(figures, undefined, 2)}\n`);
print(`races: ${rounds} rounds, ${held} held`);
process.exit(held === rounds ? 0 : 1);
