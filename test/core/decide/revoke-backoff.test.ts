import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
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

const justNow = at(-MINUTE);
const yesterday = at(-DAY);
const late = at(23 * HOUR);
const current = () => v('a').current().issued(yesterday);

describe('the backoff of a revocation', () => {
  const old = (code: ErrorCode = 'provider-failed', place?: string) =>
    v('b')
      .issued(at(-9 * DAY), { ...(place && { place }) })
      .revokeAfter(yesterday)
      .backoff(6, justNow, late, 'revoke-backoff', code);
  const due = (version: VersionBuilder, target = aTarget()) =>
    decide(target, aSnapshot(current(), version), T0);

  test('a failed revocation waits until the end of its backoff', () => {
    expect(due(old())).toMatchObject({ action: 'wait', reason: 'backing-off', at: late });
  });

  test('a failed revocation of a compromised credential waits at most 5 minutes', () => {
    const report = old().compromised(at(-2 * DAY));
    expect(due(report)).toMatchObject({
      action: 'wait',
      reason: 'backing-off',
      at: at(4 * MINUTE),
    });
  });

  test('a repeated report of compromise clears the backoff of a revocation', () => {
    const young = v('a').current().issued(at(1000));
    const snapshot = aSnapshot(young, old().compromised(T0));
    expect(decide(aTarget(), snapshot, at(2000))).toMatchObject({
      action: 'revoke',
      reason: 'revocation-due',
    });
  });

  test('a revocation out of reach is retried once the fleet file names its place again', () => {
    const lost = old('out-of-reach', 'place000');
    expect(due(lost)).toMatchObject({ action: 'wait', reason: 'backing-off' });
    const former = [
      { provider: 'ionos', admin: 'admin/old', params: {}, place: 'place000', revocable: true },
    ];
    expect(due(lost, aTarget({ former }))).toMatchObject({ action: 'revoke' });
  });

  test('the backoff of a revocation does not hold a rotation', () => {
    const snapshot = aSnapshot(current().requested(T0), old());
    expect(decide(aTarget(), snapshot, T0)).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
  });
});
