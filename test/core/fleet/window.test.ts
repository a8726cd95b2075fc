import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestClosed, nextOpening } from '../../../lib/core/fleet/window.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/core/time.ts';
import { runs } from '../../support/sample.ts';

const closed = (cron: string, duration: number, timezone = 'UTC') =>
  longestClosed({ cron, timezone, duration });

test.each([
  ['every night', '0 2 * * *', 2 * HOUR, 22 * HOUR],
  ['every day but for a minute', '0 0 * * *', DAY - MINUTE, MINUTE],
  ['always', '*/10 * * * *', 10 * MINUTE, 0],
  ['for longer than until it opens again', '0 * * * *', 3 * HOUR, 0],
  ['twice a day, unevenly', '0 2,6 * * *', HOUR, 19 * HOUR],
  ['in office hours', '0 8-17 * * *', HOUR, 14 * HOUR],
  ['in office hours of working days', '0 8-17 * * 1-5', HOUR, 2 * DAY + 14 * HOUR],
  ['on Sundays', '30 1 * * 0', HOUR, 7 * DAY - HOUR],
  ['on the first of the month', '0 2 1 * *', DAY, 30 * DAY],
  ['on the last of the month', '0 2 L * *', DAY, 30 * DAY],
  ['on the 31st', '0 2 31 * *', DAY, 60 * DAY],
  ['on the second Friday of the month', '0 2 * * 5#2', DAY, 34 * DAY],
  ['on the 13th and on Fridays', '0 0 13 * 5', DAY, 6 * DAY],
  ['all year but for December', '*/30 * * 1-11 *', 30 * MINUTE, 31 * DAY],
  ['on 29 February', '0 0 29 2 *', DAY, 4 * 365 * DAY],
  ['on a 29 February that is a Monday', '0 0 29 2 +1', DAY, 28 * 365.25 * DAY - DAY],
])(
  'a window that opens %s stays closed for a known time at most',
  (_name, cron, duration, expected) => {
    expect(closed(cron, duration)).toBe(expected);
  },
);

test('the longest closed time of a weekly window equals that between its openings', () => {
  const some = (most: number) =>
    fc.uniqueArray(fc.nat(most), { minLength: 1, maxLength: 4 }).map((all) => all.join());
  fc.assert(
    fc.property(
      some(59),
      some(23),
      some(6),
      fc.integer({ min: 10, max: 3000 }),
      (minutes, hours, days, open) => {
        const cron = `${minutes} ${hours} * * ${days}`;
        const schedule = new Cron(cron, { timezone: 'UTC', paused: true });
        const openings = schedule.nextRuns(140, new Date('2026-03-01T00:00:00Z')).map(Number);
        const gaps = openings
          .slice(1)
          .map((opening, index) => opening - (openings[index] ?? 0) - open * MINUTE);
        expect(closed(cron, open * MINUTE)).toBe(Math.max(0, ...gaps));
      },
    ),
    { numRuns: runs(15) },
  );
});

test('the closed time of a window ignores the hour that daylight saving adds', () => {
  expect(closed('0 2 * * *', HOUR, 'Europe/Berlin')).toBe(23 * HOUR);
});

test.each([
  ['the night that lacks the hour, an hour later', '2026-03-28T12:00Z', '2026-03-29T01:00:00.000Z'],
  ['the night that has the hour twice, once', '2026-10-24T12:00Z', '2026-10-25T00:30:00.000Z'],
  ['the night after that', '2026-10-25T01:30Z', '2026-10-26T01:30:00.000Z'],
])('a window at half past two opens in %s', (_name, from, expected) => {
  const window = { cron: '30 2 * * *', timezone: 'Europe/Berlin', duration: 10 * MINUTE };
  expect(nextOpening(window, new Date(from))?.toISOString()).toBe(expected);
});
