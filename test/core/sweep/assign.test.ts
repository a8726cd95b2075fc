import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { SecretStore } from '../../../lib/core/ports.ts';
import { assign, ORPHANS_EVERY } from '../../../lib/core/sweep/assign.ts';
import { cameDue } from '../../../lib/core/sweep/cadence.ts';
import { sweep } from '../../../lib/core/sweep/index.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  MINUTE,
  noDoubts,
  T0,
  v,
} from '../../support/snapshot.ts';

const sweeps = Array.from({ length: 12 * 24 }, (_, index) => at(index * 5 * MINUTE));

test.each([5 * MINUTE, HOUR, 6 * HOUR])(
  'a task every %i ms comes due once in each period, spread over it by name',
  (every) => {
    const times = (name: string) => sweeps.filter((now) => cameDue(name, every, now, 5));
    for (const name of ['a', 'b', 'rekey/acme/app']) expect(times(name)).toHaveLength(DAY / every);
    if (every > 5 * MINUTE)
      expect(
        new Set(['a', 'b', 'c', 'd'].map((name) => Number(times(name)[0]))).size,
      ).toBeGreaterThan(1);
  },
);

test('a task without a period never comes due', () => {
  expect(sweeps.some((now) => cameDue('a', 0, now, 5))).toBe(false);
});

describe('a sweep hands to the workers', () => {
  const target = aTarget();
  const fleet = { id: 'acme', targets: [target] };
  const handed = (
    now: Date,
    snapshot = aSnapshot(v('a').current().issued(at(-DAY))),
    of = target,
  ) =>
    assign(
      {
        targets: [{ target: of, snapshot, decision: decide(of, snapshot, now) }],
        removed: [],
        doubts: noDoubts,
      },
      fleet,
      now,
      5,
    ).assignments;

  test('a sweep hands out each target hourly, and each account every six hours', () => {
    const all = sweeps.flatMap((now) => handed(now));
    expect(all.filter((one) => 'target' in one)).toEqual(
      Array(24).fill({ target: 'app', check: true }),
    );
    expect(all.filter((one) => 'orphans' in one)).toEqual(
      Array(DAY / ORPHANS_EVERY).fill({ orphans: { provider: 'ionos', admin: 'admin/ionos' } }),
    );
  });

  test('a sweep hands out a target without a credential because it is due, without a check', () => {
    expect(
      sweeps.flatMap((now) => handed(now, aSnapshot())).filter((one) => 'target' in one),
    ).toEqual(Array(sweeps.length).fill({ target: 'app' }));
  });

  test('a sweep hands out a target whose request waits, until the requester knows that', () => {
    const never = aTarget({ verify: { within: 0, every: 0 } });
    const young = () =>
      v('a')
        .current()
        .issued(at(-2 * MINUTE));
    const targets = (snapshot: Parameters<typeof handed>[1]) =>
      handed(T0, snapshot, never).filter((one) => 'target' in one);
    expect(targets(aSnapshot(young().requested(at(-MINUTE))))).toEqual([{ target: 'app' }]);
    expect(targets(aSnapshot(young().requested(at(-MINUTE), undefined, 'too-soon')))).toEqual([]);
    expect(targets(aSnapshot(young()))).toEqual([]);
  });

  test('a sweep hands out a target with a candidate, or with an event to announce', () => {
    const never = aTarget({ verify: { within: 0, every: 0 } });
    const current = v('a').current().issued(at(-DAY));
    const candidate = v('b').candidate('a', T0).issued(T0);
    expect(handed(T0, aSnapshot(current, candidate), never)).toContainEqual({ target: 'app' });
    expect(
      handed(T0, aSnapshot(v('a').current().candidate('b', T0).issued(T0)), never),
    ).toContainEqual({ target: 'app' });
  });

  test('a sweep leaves a rotation that Secrets Manager has just begun alone', () => {
    const never = aTarget({ verify: { within: 0, every: 0 } });
    const begun = aSnapshot(v('a').current().issued(at(-DAY)), v('b').staged());
    expect(handed(T0, begun, never)).not.toContainEqual({ target: 'app' });
  });

  test('a sweep never hands out a target without a cadence for a check', () => {
    const never = aTarget({ verify: { within: 0, every: 0 } });
    expect(
      sweeps.flatMap((now) => handed(now, undefined, never)).filter((one) => 'target' in one),
    ).toEqual([]);
  });
});

test('a secret that may not be described is missing, and does not end the sweep', async () => {
  const fleet = {
    id: 'acme',
    targets: [aTarget(), aTarget({ name: 'other', secret: 'rekey/acme/other' })],
  };
  const store = {
    async *list() {
      yield { ...aSnapshot(v('a').current().issued(at(-DAY))), name: 'rekey/acme/other' };
    },
    describe: async () =>
      Promise.reject(new RekeyError('forbidden', 'not allowed: DescribeSecret of rekey/acme/app')),
  };
  const { targets } = await sweep(
    { store: store as unknown as SecretStore, clock: { now: () => T0, sleep: async () => {} } },
    fleet,
  );
  expect(targets.map(({ decision }) => decision.reason)).toEqual(['secret-missing', 'waiting']);
});
