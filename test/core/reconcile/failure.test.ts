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

const requested = () =>
  v('a')
    .current()
    .issued(at(-DAY))
    .requested(at(-2 * HOUR));

/** The events and the backoff after the rotation of version a failed. */
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
  const announced = published.map(({ detailType, detail: { metadata, data } }) => ({
    detailType,
    id: metadata.id,
    data,
  }));
  return { announced, backoff: run.record.ledger.current?.backoff };
}

test.each(['label-limit', 'quota'] as const)(
  'a rotation failure with %s, which no wait ends, is announced once and tried again',
  async (code) => {
    const { announced, backoff } = await failed(requested(), code);
    expect(announced).toMatchObject([
      { detailType: 'Rotation Failed', data: { errorClass: code, failures: 1, terminal: true } },
    ]);
    expect(announced[0]?.data).not.toHaveProperty('retryAt');
    expect(backoff).toMatchObject({ failures: 1, code });
    const again = await failed(
      requested().backoff(1, at(-HOUR), at(-MINUTE), 'backoff', code),
      code,
    );
    expect([again.announced, again.backoff?.failures]).toEqual([[], 2]);
  },
);

test.each(['label-limit', 'quota'] as const)(
  'a rotation failure with %s has the same event from every worker, at any time',
  async (code) => {
    const { announced } = await failed(requested(), code);
    const later = await failed(
      requested().backoff(3, at(-HOUR), at(-MINUTE), 'backoff', 'refused'),
      code,
      at(HOUR),
      'issue',
    );
    expect(later.announced).toEqual(announced);
    const untold = requested().backoff(2, at(-HOUR), at(-MINUTE), 'backoff', code, {
      untold: 'prepare',
    });
    expect((await failed(untold, code)).announced).toEqual(announced);
  },
);

test('any other rotation failure is announced each time, with its next try', async () => {
  const { announced } = await failed(requested(), 'refused', T0, 'verify');
  const retryAt = at(MINUTE).toISOString();
  expect(announced).toMatchObject([
    { detailType: 'Rotation Failed', data: { stage: 'verify', failures: 1, retryAt } },
  ]);
  const again = await failed(
    requested().backoff(1, at(-HOUR), at(-MINUTE), 'backoff', 'refused'),
    'refused',
    T0,
    'verify',
  );
  expect(again.announced).toMatchObject([{ detailType: 'Rotation Failed', data: { failures: 2 } }]);
  expect(again.announced[0]?.id).not.toBe(announced[0]?.id);
});
