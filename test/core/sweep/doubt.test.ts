import { describe, expect, test } from 'vitest';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { labels } from '../../../lib/core/ledger/index.ts';
import { cameDue, lastDue } from '../../../lib/core/sweep/cadence.ts';
import { doubts, FRESH } from '../../../lib/core/sweep/doubt.ts';
import { aSnapshot, aTarget, at, DAY, HOUR, MINUTE, T0, v } from '../../support/snapshot.ts';

describe('the doubts of a sweep', () => {
  /**
   * A target whose hourly check was due that many minutes ago; its secret name is found by trial.
   */
  const tried = (
    minutesAgo: number,
    index: number,
    refusals: number,
    change: Partial<Target> = {},
  ) => {
    for (let salt = 0; ; salt++) {
      const secret = `rekey/acme/${index}-${salt}`;
      if (lastDue(secret, HOUR, T0, { minutes: 5, sweeps: 6 }) !== minutesAgo / 5) continue;
      const version = v('a').current().issued(at(-DAY));
      if (refusals > 0)
        version.stage(labels.refused(version.id, at(-MINUTE), refusals, change.place ?? 'host'));
      const target = aTarget({ name: `app-${index}`, secret, ...change });
      return { target, snapshot: { ...aSnapshot(version), name: secret } };
    }
  };
  const at10 = (count: number, refusals: number, change?: Partial<Target>) =>
    Array.from({ length: count }, (_, index) =>
      tried(10, 100 * refusals + index, refusals, change),
    );

  test.each([
    ['two of two targets are refused: no doubt, they may be dead', 2, 0, false],
    ['three of three targets are refused: the registry is doubted', 3, 0, true],
    ['three of six targets are refused: no doubt, as many are accepted', 3, 3, false],
    ['four of seven targets are refused: the registry is doubted', 4, 3, true],
  ])('%s', (_what, no, yes, doubted) => {
    const { registries, disbelieved } = doubts([...at10(no, 2), ...at10(yes, 0)], T0, 5);
    expect([registries.length, disbelieved.size]).toEqual(doubted ? [1, no - 1] : [0, 0]);
    expect(registries.map(({ canary }) => canary !== undefined)).toEqual(doubted ? [true] : []);
  });

  test('accepted targets of another place do not count against a doubt', () => {
    const seen = [...at10(3, 2, { place: 'here' }), ...at10(9, 0, { place: 'there' })];
    expect(doubts(seen, T0, 5).registries).toMatchObject([{ host: 'here', refused: 3, tried: 3 }]);
  });

  test('targets that this sweep sends to be checked do not count yet', () => {
    const fresh = Array.from({ length: 9 }, (_, index) => {
      for (let salt = 0; ; salt++) {
        const secret = `rekey/acme/${index}-${salt}`;
        if (cameDue(secret, HOUR, T0, 5))
          return {
            target: aTarget({ name: `fresh-${index}`, secret }),
            snapshot: aSnapshot(v('a').current().issued(at(-DAY))),
          };
      }
    });
    expect(doubts([...at10(3, 2), ...fresh], T0, 5).registries).toHaveLength(1);
  });

  test('a refused canary blocks another one until its next try', () => {
    const [first, ...others] = at10(4, 2);
    if (!first) throw new Error('no target');
    const failed = v('a')
      .current()
      .issued(at(-DAY))
      .backoff(1, at(-MINUTE), at(4 * MINUTE), 'backoff', 'refused');
    failed.stage(labels.refused(failed.id, at(-MINUTE), 2, 'host'));
    const waiting = {
      ...first,
      snapshot: { ...first.snapshot, versions: aSnapshot(failed).versions },
    };
    const canaries = (now: Date) =>
      doubts([waiting, ...others], now, 5).registries.map(({ canary }) => canary);
    expect(canaries(T0)).toEqual([undefined]);
    expect(canaries(at(5 * MINUTE))).toEqual(['app-200']);
  });

  test('an old refusal is checked again before it is believed', () => {
    const old = v('a').current().issued(at(-DAY));
    old.stage(labels.refused(old.id, at(-FRESH - MINUTE), 2, 'host'));
    const { disbelieved, again } = doubts([{ target: aTarget(), snapshot: aSnapshot(old) }], T0, 5);
    expect([[...disbelieved], [...again]]).toEqual([['app'], ['app']]);
  });
});
