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
 * What whoever asked is told, as [type, request, gate, until, final], and the ledger after it.
 * `twice`: the run looks again.
 */
async function tell(
  versions: readonly VersionBuilder[],
  change: Partial<Target> = {},
  { twice = false, doubted = false } = {},
) {
  const target = aTarget(change);
  const published: RekeyEvent[] = [];
  const run = await aRun(aSnapshot(...versions), { target, published });
  await announceHeld(run, doubted);
  if (twice) await announceHeld(run, doubted);
  const told = published.map(({ detailType, detail: { data } }) => {
    const { gate, until, final, request } = data as Record<string, unknown>;
    return [detailType, request, gate, until, final];
  });
  const ids = published.map(({ detail: { metadata } }) => metadata.correlationId);
  return { told, ids, current: run.record.ledger.current };
}
const told = async (...order: Parameters<typeof tell>) => (await tell(...order)).told;
const left = () =>
  v('b')
    .issued(at(-9 * DAY))
    .revokeAfter(at(9 * HOUR));

test('whoever asked for a rotation that has to wait is told what for, and until when', async () => {
  const young = v('a')
    .current()
    .issued(at(-14 * MINUTE))
    .requested(T0);
  const until = at(MINUTE).toISOString();
  expect(await told([young])).toEqual([
    ['Request Held', 'Rotation Requested', 'too-soon', until, false],
  ]);
});

test('a failure is not told a second time: it was announced when it happened, with the time of the next try', async () => {
  const failed = (failures: number) =>
    v('a')
      .current()
      .issued(at(-DAY))
      .requested(at(-HOUR))
      .backoff(failures, T0, at(MINUTE), 'backoff', 'refused');
  expect(await told([failed(1)])).toEqual([]);
  expect(await told([failed(5)])).toEqual([]);
  const found = await told([failed(1), left()], { liveAtOnce: 2 });
  expect(found.map(([, , gate]) => gate)).toEqual(['too-many-alive']);
});

test('whoever asked is told once for each thing the rotation waits for, and the label says so', async () => {
  const asked = (held?: string) =>
    v('a')
      .current()
      .issued(at(-14 * MINUTE))
      .requested(T0, 'run:1', held);
  const { told: once, ids, current } = await tell([asked()], {}, { twice: true });
  expect([once.length, ids]).toEqual([1, ['run:1']]);
  expect(current?.requested).toEqual({ at: T0, correlationId: 'run:1', held: 'too-soon' });
  expect(await told([asked('too-soon')])).toEqual([]);
  const another = await tell([asked('too-soon'), left()], { liveAtOnce: 2 });
  expect(another.told.map(([, , gate]) => gate)).toEqual(['too-many-alive']);
  expect(another.current?.requested?.held).toBe('too-many-alive');
});

test('a report that was told what it waits for is still the report that it was', async () => {
  const leaked = v('a')
    .current()
    .issued(at(-4 * MINUTE), { reason: 'compromised' })
    .compromised(T0, 'run:1', undefined, at(-3 * MINUTE));
  const { current } = await tell([leaked.requested(T0)], {}, { twice: true });
  expect(current).toMatchObject({ compromisedAt: at(-3 * MINUTE), requested: { at: T0 } });
  const reported = { at: T0, first: at(-3 * MINUTE), correlationId: 'run:1', held: 'too-soon' };
  expect(current?.reported).toEqual(reported);
  expect(current?.requested?.held).toBeUndefined();
});

test.each(['awaited', T0] as const)(
  'a report that is held stays as it was, its confirmation too (%s)',
  async (confirmation) => {
    const leaked = v('a')
      .current()
      .issued(at(-4 * MINUTE), { reason: 'compromised' })
      .compromised(T0, 'run:1', undefined, at(-3 * MINUTE), confirmation);
    const { current } = await tell([leaked]);
    expect(current?.reported).toMatchObject({ held: 'too-soon', confirmation });
  },
);

test('whoever reported a compromise is told so too', async () => {
  const again = v('a')
    .current()
    .issued(at(-4 * MINUTE), { reason: 'compromised' })
    .compromised(T0);
  const until = at(11 * MINUTE).toISOString();
  expect(await told([again])).toEqual([
    ['Request Held', 'Credential Compromised', 'too-soon', until, false],
  ]);
});

test('nobody is told where nobody asked, or nothing has to wait', async () => {
  expect(await told([v('a').current().issued(at(-DAY))])).toEqual([]);
  expect(await told([v('a').current().issued(at(-DAY)).requested(T0)])).toEqual([]);
});

test('whoever asked is told although something else comes first: a warning, say', async () => {
  const asked = v('a').current().issued(at(-DAY)).requested(T0);
  const until = at(9 * HOUR + DAY).toISOString();
  const expected = [['Request Held', 'Rotation Requested', 'too-many-alive', until, false]];
  expect(await told([asked, left()], { liveAtOnce: 2 })).toEqual(expected);
});
