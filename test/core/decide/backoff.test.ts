import { describe, expect, test } from 'vitest';
import {
  accountFaults,
  backoffEnd,
  decide,
  PAUSED_AFTER,
  pauseAfter,
} from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import { plus } from '../../../lib/core/time.ts';
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
/** How long after its failure, a minute ago, that version is superseded again. */
const waits = (version: VersionBuilder, now = T0) => {
  const end = backoffEnd(aTarget(), parseLedger(aSnapshot(version)), now);
  return end && Number(end) - Number(justNow);
};

describe('the pause after a failure', () => {
  test('the wait after a failure grows from a minute to a day for a healthy credential', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7].map((failures) => pauseAfter(failures, 'refused'));
    expect(pauses).toEqual([
      MINUTE,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      8 * HOUR,
      24 * HOUR,
      24 * HOUR,
    ]);
  });

  test.each<ErrorCode>([
    'admin-refused',
    'admin-missing',
    'throttled',
    'provider-failed',
    'unreachable',
  ])('the wait is at most half an hour for %s, a fault of the whole account', (code) => {
    expect(accountFaults).toContain(code);
    expect([1, 2, 3, 4, 9].map((failures) => pauseAfter(failures, code))).toEqual(
      [1, 5, 30, 30, 30].map((minutes) => minutes * MINUTE),
    );
  });

  test('the wait grows to a day for forbidden, a fault of one target', () => {
    expect(accountFaults).not.toContain('forbidden');
    const pauses = [3, 4, 5, 6].map((failures) => pauseAfter(failures, 'forbidden'));
    expect(pauses).toEqual([30 * MINUTE, 2 * HOUR, 8 * HOUR, 24 * HOUR]);
  });

  test('the wait is at most 2 hours while the registry gives no verdict', () => {
    const pauses = [3, 4, 5, 9].map((failures) => pauseAfter(failures, 'unproven'));
    expect(pauses).toEqual([30 * MINUTE, 2 * HOUR, 2 * HOUR, 2 * HOUR]);
  });

  test('the wait is as long as the other side asked for, up to a day', () => {
    expect(pauseAfter(1, 'throttled', 10 * MINUTE)).toBe(10 * MINUTE);
    expect(pauseAfter(3, 'throttled', 2 * HOUR)).toBe(2 * HOUR);
    expect(pauseAfter(3, 'throttled', MINUTE)).toBe(30 * MINUTE);
    expect(pauseAfter(1, 'throttled', 9 * DAY)).toBe(DAY);
  });
});

describe('the backoff of a rotation', () => {
  const failed = (version = current(), code: ErrorCode = 'refused') =>
    version.backoff(6, justNow, late, 'backoff', code);

  test('a backoff lasts until its end if the credential does not expire', () => {
    expect(waits(failed())).toBe(Number(late) - Number(justNow));
  });

  test.each([
    ['an eighth of the life that was left', 8 * HOUR, HOUR],
    ['an eighth of the life that was left, if that is short too', 16 * MINUTE, 2 * MINUTE],
    ['a minute at least', 2 * MINUTE, MINUTE],
  ])('a backoff lasts for %s', (_name, life, expected) => {
    expect(
      waits(
        failed(
          v('a')
            .current()
            .issued(yesterday, { expiresAt: plus(justNow, life) }),
        ),
      ),
    ).toBe(expected);
  });

  test('a backoff shorter than an eighth of the remaining life lasts until its end', () => {
    const version = v('a')
      .current()
      .issued(yesterday, { expiresAt: at(30 * DAY) });
    expect(waits(version.backoff(1, justNow, at(0)))).toBe(MINUTE);
  });

  test.each<[string, VersionBuilder]>([
    [
      'has expired',
      v('a')
        .current()
        .issued(yesterday, { expiresAt: at(-2 * MINUTE) }),
    ],
    ['was refused by the registry', current().refused(yesterday, 2)],
    ['was reported as compromised', current().compromised(at(-HOUR))],
  ])('a backoff lasts at most 5 minutes once the current credential %s', (_name, version) => {
    expect(waits(failed(version))).toBe(5 * MINUTE);
  });

  test('a requested rotation waits at most 5 minutes if the whole account is at fault', () => {
    const asked = () => current().requested(at(-HOUR));
    for (const code of accountFaults) expect(waits(failed(asked(), code)), code).toBe(5 * MINUTE);
    for (const code of ['refused', 'forbidden', 'unproven', 'quota', 'label-limit'] as const)
      expect(waits(failed(asked(), code)), code).toBe(Number(late) - Number(justNow));
  });

  test('a first rotation waits at most 5 minutes, unless a person has to fix the cause', () => {
    for (const code of ['refused', 'provider-failed', 'label-limit', 'quota'] as const)
      expect(waits(failed(v('a').current(), code)), code).toBe(5 * MINUTE);
    expect(waits(failed(v('a').current(), 'forbidden'))).toBe(Number(late) - Number(justNow));
  });

  test('a request or a report of compromise after the failure clears the backoff', () => {
    expect(waits(failed(current().requested(T0)))).toBeUndefined();
    expect(waits(failed(current().compromised(T0)))).toBeUndefined();
    const elsewhere = parseLedger(aSnapshot(failed(), v('b').revokeAfter(T0).compromised(T0)));
    expect(backoffEnd(aTarget(), elsewhere, T0)).toBeUndefined();
  });

  test('other parameters clear the backoff', () => {
    const ledger = parseLedger(aSnapshot(failed()));
    expect(backoffEnd(aTarget({ spec: 'beef0002' }), ledger, T0)).toBeUndefined();
  });

  test('a target is paused after five failures', () => {
    const decided = (failures: number) =>
      decide(
        aTarget(),
        aSnapshot(
          v('a')
            .current()
            .issued(at(-31 * DAY))
            .backoff(failures, justNow, late),
        ),
        T0,
      ).reason;
    expect([PAUSED_AFTER - 1, PAUSED_AFTER].map(decided)).toEqual(['backing-off', 'paused']);
  });

  test('the backoff announced shortly before an expiry still holds after it', () => {
    const version = v('a')
      .current()
      .issued(yesterday, { expiresAt: at(30_000) });
    const snapshot = aSnapshot(version.backoff(6, T0, late));
    const before = decide(aTarget(), snapshot, at(1000));
    expect(before).toMatchObject({ action: 'wait', reason: 'backing-off' });
    expect(decide(aTarget(), snapshot, before.at ?? T0)).toMatchObject({ action: 'rotate' });
  });
});
