import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  id,
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

  describe('of a discarded candidate that takes the room of a successor', () => {
    /** Issued after the report, so the report does not cover it. */
    const inTheWay = () =>
      v('b')
        .issued(at(-HOUR))
        .discarded(at(-30 * MINUTE), 'a', at(-HOUR))
        .backoff(3, justNow, at(29 * MINUTE), 'revoke-backoff');
    const triedInVain = (code: ErrorCode) => current().backoff(2, justNow, late, 'backoff', code);
    /** The decision after the rotation has failed again in this run. */
    const then = (version: VersionBuilder, now: Date) =>
      decide(aTarget(), aSnapshot(version, inTheWay()), now, {
        tried: ({ action }) => action === 'rotate',
      });

    test.each<ErrorCode>(['quota', 'label-limit'])(
      'it is at most 5 minutes if AWSCURRENT is compromised and its rotation failed with %s',
      (code) => {
        const compromised = triedInVain(code).compromised(at(-2 * HOUR));
        expect(then(compromised, at(3 * MINUTE))).toMatchObject({ action: 'wait' });
        expect(then(compromised, at(4 * MINUTE))).toMatchObject({
          action: 'revoke',
          version: { id: id('b') },
        });
      },
    );

    test('it keeps its length if the rotation failed for another reason, or can wait', () => {
      const compromised = triedInVain('refused').compromised(at(-2 * HOUR));
      expect(then(compromised, at(4 * MINUTE))).toMatchObject({ action: 'wait' });
      const requested = triedInVain('quota').requested(at(-2 * MINUTE));
      expect(then(requested, at(4 * MINUTE))).toMatchObject({ action: 'wait' });
    });
  });

  test('the backoff of a revocation does not hold a rotation', () => {
    const snapshot = aSnapshot(current().requested(T0), old());
    expect(decide(aTarget(), snapshot, T0)).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
  });
});
