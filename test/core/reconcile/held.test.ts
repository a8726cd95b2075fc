import { expect, test } from 'vitest';
import type { RekeyEvent } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { announceHeld } from '../../../lib/core/reconcile/held.ts';
import { aRun } from '../../support/run.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

/**
 * The events for the requester, as [type, request, gate, until, final], and the ledger after them.
 * `twice`: the run looks again.
 */
async function hold(
  versions: readonly VersionBuilder[],
  change: Partial<Target> = {},
  { twice = false, doubted = false } = {},
) {
  const target = aTarget(change);
  const published: RekeyEvent[] = [];
  const run = await aRun(aSnapshot(...versions), { target, published });
  await announceHeld(run, doubted);
  if (twice) await announceHeld(run, doubted);
  const announced = published.map(({ detailType, detail: { data } }) => {
    const { gate, until, final, request } = data as Record<string, unknown>;
    return [detailType, request, gate, until, final];
  });
  const ids = published.map(({ detail: { metadata } }) => metadata.correlationId);
  return { announced, ids, current: run.record.ledger.current };
}
const announced = async (...order: Parameters<typeof hold>) => (await hold(...order)).announced;
const left = () =>
  v('b')
    .issued(at(-9 * DAY))
    .revokeAfter(at(9 * HOUR));

test('a rotation request that has to wait is announced with its gate and its end', async () => {
  const young = v('a')
    .current()
    .issued(at(-14 * MINUTE))
    .requested(T0);
  const until = at(MINUTE).toISOString();
  expect(await announced([young])).toEqual([
    ['Request Held', 'Rotation Requested', 'too-soon', until, false],
  ]);
});

test('a backoff is not announced as a gate, because its failure was announced', async () => {
  const failed = (failures: number) =>
    v('a')
      .current()
      .issued(at(-DAY))
      .requested(at(-HOUR))
      .backoff(failures, T0, at(MINUTE), 'backoff', 'refused');
  expect(await announced([failed(1)])).toEqual([]);
  expect(await announced([failed(5)])).toEqual([]);
  const found = await announced([failed(1), left()], { liveAtOnce: 2 });
  expect(found.map(([, , gate]) => gate)).toEqual(['too-many-alive']);
});

test('a held request is announced once for each gate, and its label records the gate', async () => {
  const requested = (held?: string) =>
    v('a')
      .current()
      .issued(at(-14 * MINUTE))
      .requested(T0, 'run:1', held);
  const { announced: once, ids, current } = await hold([requested()], {}, { twice: true });
  expect([once.length, ids]).toEqual([1, ['run:1']]);
  expect(current?.requested).toEqual({ at: T0, correlationId: 'run:1', held: 'too-soon' });
  expect(await announced([requested('too-soon')])).toEqual([]);
  const another = await hold([requested('too-soon'), left()], { liveAtOnce: 2 });
  expect(another.announced.map(([, , gate]) => gate)).toEqual(['too-many-alive']);
  expect(another.current?.requested?.held).toBe('too-many-alive');
});

test('a compromise report keeps its times and its requester when it is held', async () => {
  const leaked = v('a')
    .current()
    .issued(at(-4 * MINUTE), { reason: 'compromised' })
    .compromised(T0, 'run:1', undefined, at(-3 * MINUTE));
  const { current } = await hold([leaked.requested(T0)], {}, { twice: true });
  expect(current).toMatchObject({ compromisedAt: at(-3 * MINUTE), requested: { at: T0 } });
  const reported = { at: T0, first: at(-3 * MINUTE), correlationId: 'run:1', held: 'too-soon' };
  expect(current?.reported).toEqual(reported);
  expect(current?.requested?.held).toBeUndefined();
});

test.each(['awaited', T0] as const)(
  'a compromise report keeps its confirmation (%s) when it is held',
  async (confirmation) => {
    const leaked = v('a')
      .current()
      .issued(at(-4 * MINUTE), { reason: 'compromised' })
      .compromised(T0, 'run:1', undefined, at(-3 * MINUTE), confirmation);
    const { current } = await hold([leaked]);
    expect(current?.reported).toMatchObject({ held: 'too-soon', confirmation });
  },
);

test('a compromise report that has to wait is announced with its gate and its end', async () => {
  const again = v('a')
    .current()
    .issued(at(-4 * MINUTE), { reason: 'compromised' })
    .compromised(T0);
  const until = at(11 * MINUTE).toISOString();
  expect(await announced([again])).toEqual([
    ['Request Held', 'Credential Compromised', 'too-soon', until, false],
  ]);
});

test('nothing is announced as held without a request, or if nothing has to wait', async () => {
  expect(await announced([v('a').current().issued(at(-DAY))])).toEqual([]);
  expect(await announced([v('a').current().issued(at(-DAY)).requested(T0)])).toEqual([]);
});

test('a held request is announced although other work comes first, such as a warning', async () => {
  const requested = v('a').current().issued(at(-DAY)).requested(T0);
  const until = at(9 * HOUR + DAY).toISOString();
  const expected = [['Request Held', 'Rotation Requested', 'too-many-alive', until, false]];
  expect(await announced([requested, left()], { liveAtOnce: 2 })).toEqual(expected);
});
