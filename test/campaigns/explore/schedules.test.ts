import { expect, test } from 'vitest';
import { replay } from './replay.ts';

/*
 * Schedules in which something was lost once. `npm run explore` prints what belongs here. The name says what is true of it; should the
 * engine take other steps some day, so that a schedule is not possible any more, find another one for its name, or let both go.
 */
const schedules: readonly (readonly [name: string, schedule: string])[] = [
  [
    'A candidate that is discarded while another worker promotes it is announced, though that worker dies',
    'delete first 7:compromise+,14:kill',
  ],
  [
    'Two promotions of the same second are announced in their order',
    'delete due 9:kill,11:compromise',
  ],
  [
    'Of two promotions over one version the one that came to pass has it retired, whatever the other took off',
    'delete candidate 5:compromise+,16:kill',
  ],
  [
    'A rollback that is promoted while another worker gives it up names the end of what was left',
    'delete rolling 4:compromise+,12:kill',
  ],
  [
    'A compromised rollback candidate that was given up is dead soon, though a worker with an old view retires it',
    'delete hand 2:rollback+,8:compromise',
  ],
  [
    'What was issued before a report of compromise is not read again to succeed what was reported',
    'readagain two-ids 12:rollback+,27:compromise+',
  ],
];

test.each(schedules)('%s', async (_, schedule) => {
  const lines: string[] = [];
  expect(await replay(schedule, (line) => lines.push(line)), lines.at(-1)).toBe(true);
});
