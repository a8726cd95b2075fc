import { expect, test } from 'vitest';
import { replay } from './replay.ts';

/*
 * Schedules that once lost something. `npm run explore` prints new ones to keep. The name states
 * the expected behavior. If a later engine takes other steps, so that a schedule is impossible,
 * find another schedule for its name, or delete both.
 */
const schedules: readonly (readonly [name: string, schedule: string])[] = [
  [
    'A discarded candidate that another worker promotes is announced, though that worker dies',
    'delete first 7:compromise+,14:kill',
  ],
  ['Two promotions within one second are announced in order', 'delete due 9:kill,11:compromise'],
  [
    'The successful one of two promotions over a version sets its time of revocation',
    'delete candidate 5:compromise+,16:kill',
  ],
  [
    'A rollback that another worker abandons announces the end of the previous version',
    'delete rolling 4:compromise+,12:kill',
  ],
  [
    'A compromised, abandoned rollback candidate ends soon although an old view retires it',
    'delete hand 2:rollback+,8:compromise',
  ],
  [
    'A credential from before a report of compromise does not replace the reported one',
    'readagain two-ids 12:rollback+,27:compromise+',
  ],
];

test.each(schedules)('%s', async (_, schedule) => {
  const lines: string[] = [];
  expect(await replay(schedule, (line) => lines.push(line)), lines.at(-1)).toBe(true);
});
