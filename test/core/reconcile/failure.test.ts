import { expect, test } from 'vitest';
import { agenda } from '../../../lib/core/decide/index.ts';
import { type ErrorCode, RekeyError } from '../../../lib/core/errors.ts';
import type { RekeyEvent } from '../../../lib/core/events/index.ts';
import { backOff } from '../../../lib/core/reconcile/failure.ts';
import { during, type Stage } from '../../../lib/core/reconcile/stage.ts';
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

const asked = () =>
  v('a')
    .current()
    .issued(at(-DAY))
    .requested(at(-2 * HOUR));

/** What is told when the rotation of version a fails, and its back-off then. */
async function failed(
  version: VersionBuilder,
  code: ErrorCode,
  now = T0,
  stage: Stage = 'prepare',
) {
  const published: RekeyEvent[] = [];
  const run = await aRun(aSnapshot(version), { target: aTarget(), published, now });
  const due = agenda({ target: run.target, ledger: run.record.ledger, now }).find(
    ({ action }) => action === 'rotate',
  );
  if (!due) throw new Error('no rotation');
  const error = new RekeyError(code, 'failed');
  await during(stage, () => Promise.reject(error)).catch(() => {});
  await backOff(run, due, error);
  const told = published.map(({ detailType, detail: { metadata, data } }) => ({
    detailType,
    id: metadata.id,
    data,
  }));
  return { told, backoff: run.record.ledger.current?.backoff };
}

test.each(['label-limit', 'quota'] as const)(
  '%s, which no time ends, is told once, and tried on',
  async (code) => {
    const { told, backoff } = await failed(asked(), code);
    expect(told).toMatchObject([
      { detailType: 'Rotation Failed', data: { errorClass: code, failures: 1, terminal: true } },
    ]);
    expect(told[0]?.data).not.toHaveProperty('retryAt');
    expect(backoff).toMatchObject({ failures: 1, code });
    const again = await failed(asked().backoff(1, at(-HOUR), at(-MINUTE), 'backoff', code), code);
    expect([again.told, again.backoff?.failures]).toEqual([[], 2]);
  },
);

test.each(['label-limit', 'quota'] as const)(
  '%s has one event, whichever worker tells it, when, and after whatever else',
  async (code) => {
    const { told } = await failed(asked(), code);
    const later = await failed(
      asked().backoff(3, at(-HOUR), at(-MINUTE), 'backoff', 'refused'),
      code,
      at(HOUR),
      'issue',
    );
    expect(later.told).toEqual(told);
    const untold = asked().backoff(2, at(-HOUR), at(-MINUTE), 'backoff', code, {
      untold: 'prepare',
    });
    expect((await failed(untold, code)).told).toEqual(told);
  },
);

test('any other failure has an event of its own each time, with the time of the next try', async () => {
  const { told } = await failed(asked(), 'refused', T0, 'verify');
  const retryAt = at(MINUTE).toISOString();
  expect(told).toMatchObject([
    { detailType: 'Rotation Failed', data: { stage: 'verify', failures: 1, retryAt } },
  ]);
  const again = await failed(
    asked().backoff(1, at(-HOUR), at(-MINUTE), 'backoff', 'refused'),
    'refused',
    T0,
    'verify',
  );
  expect(again.told).toMatchObject([{ detailType: 'Rotation Failed', data: { failures: 2 } }]);
  expect(again.told[0]?.id).not.toBe(told[0]?.id);
});
