import { expect, test } from 'vitest';
import { HOUR } from '../../../lib/core/time.ts';
import { providersThat } from '../../support/providers.ts';
import type { History } from './happenings.ts';
import { lifeOf } from './history.ts';
import { difference } from './record.ts';
import { differing, type Lived } from './search.ts';
import { inThreads } from './threads.ts';
import { otherThan } from './vendors.ts';

/*
 * A history depends on its seed alone: not on the lives before it in the same thread, nor on real
 * time and randomness. Otherwise a failure of the campaign cannot be found again.
 */

const movable = providersThat({ lists: true, revokes: true, cramped: false, readsAgain: false });
const [home = '', away = otherThan(home)] = movable;

const history = (provider: string, more: Partial<History> = {}): History => ({
  provider,
  targets: 1,
  driver: 'rekey',
  seed: 7,
  happenings: [
    { what: 'a worker', on: 0 },
    { what: 'time passes', ms: HOUR },
    { what: 'a request', on: 0, type: 'Rotation Requested' },
    { what: 'a worker', on: 0 },
    { what: 'an outage', of: 'registry refuses', ms: HOUR },
  ],
  ...more,
});

// the other history knows the provider as its second place, with another admin secret
const moved = history(otherThan(home), {
  moves: true,
  happenings: [
    { what: 'a worker', on: 0 },
    { what: 'the target moves', on: 0, former: false },
    { what: 'a worker', on: 0 },
  ],
});

test('Histories have the same lives in any order, in this thread and in another', async () => {
  expect(otherThan(moved.provider)).toBe(home);
  const lives: Lived[] = [];
  for (const one of [moved, history(home)]) lives.push({ history: one, life: await lifeOf(one) });
  expect(lives.map(({ life }) => life.error)).toEqual([undefined, undefined]);
  const problems: (string | undefined)[] = [];
  await inThreads<Lived, string | undefined>(
    new URL('./thread.ts', import.meta.url),
    lives.toReversed(),
    1,
    (problem) => problems.push(problem),
  );
  expect(problems).toEqual([undefined, undefined]);
});

test.each(['rekey', 'secrets-manager'] as const)(
  'Two lives of a history driven by %s make the same calls',
  async (driver) => {
    const both = history(away, { driver, targets: 3, replicas: true });
    const life = await lifeOf(both);
    expect(life.error).toBeUndefined();
    expect(life.calls.length).toBeGreaterThan(50);
    await lifeOf(history(home, { seed: 8 }));
    expect(await differing({ history: both, life })).toBeUndefined();
  },
);

test('A life that differs is reported with its first differing call', async () => {
  const life = await lifeOf(history(home));
  const other = { ...life, calls: life.calls.with(20, 'another call') };
  expect(await differing({ history: history(home), life: other })).toContain(
    'does not depend on its seed alone.\nIt ended with no problem, and then with no problem.\n' +
      'call 21 was\n  another call\nand then\n  ',
  );
  expect(difference(['a'], ['a', 'b'])).toBe('call 2 was\n  no more calls\nand then\n  b');
});
