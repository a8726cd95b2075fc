import { describe, expect, test } from 'vitest';
import { decide, endOf, endOfLife, reach } from '../../../lib/core/decide/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { type CredentialNote, parseLedger, type Version } from '../../../lib/core/ledger/index.ts';
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

const past = at(-9 * DAY);
const inAnHour = at(HOUR);
const inTwoHours = at(2 * HOUR);
const former = { provider: 'ionos', admin: 'admin/old', params: {}, place: 'place000' };
const current = () => v('a').current().issued(at(-HOUR));
const left = (note: Partial<CredentialNote> = {}) => v('b').issued(past, note);
const read = (builder: VersionBuilder): Version => {
  const [version] = parseLedger(aSnapshot(builder)).versions;
  if (!version) throw new Error('no version');
  return version;
};
const end = (builder: VersionBuilder, change: Partial<Target> = {}) =>
  endOfLife(aTarget(change), read(builder));

describe('the end of a superseded credential', () => {
  test('is not known before somebody has given it one', () => {
    expect(end(left())).toBeUndefined();
  });

  test('is the time of its revocation', () => {
    expect(end(left().revokeAfter(inAnHour))).toEqual({ at: inAnHour, by: 'revocation' });
  });

  test('is its own expiry where that comes first', () => {
    expect(end(left({ expiresAt: at(MINUTE) }).revokeAfter(inAnHour))).toEqual({
      at: at(MINUTE),
      by: 'expiry',
    });
    expect(end(left({ expiresAt: inTwoHours }).revokeAfter(inAnHour))).toEqual({
      at: inAnHour,
      by: 'revocation',
    });
  });

  test('is its own expiry, also after a compromise, where it can only expire', () => {
    const target = { revocable: false };
    expect(end(left({ expiresAt: inTwoHours }).revokeAfter(inAnHour), target)).toEqual({
      at: inTwoHours,
      by: 'expiry',
    });
    const leaked = left({ expiresAt: inTwoHours }).revokeAfter(inAnHour).compromised(T0);
    expect(end(leaked, target)).toEqual({ at: inTwoHours, by: 'expiry' });
    expect(end(left().revokeAfter(inAnHour), target)).toEqual({ at: inAnHour, by: 'expiry' });
  });

  test('is brought forward by a compromise, and never put off by one', () => {
    expect(end(left().revokeAfter(inAnHour).compromised(T0))).toEqual({ at: T0, by: 'revocation' });
    const grace = { compromisedGrace: 30 * MINUTE };
    expect(end(left().revokeAfter(inAnHour).compromised(T0), grace)?.at).toEqual(at(30 * MINUTE));
    expect(
      end(left().revokeAfter(inAnHour).compromised(T0), { compromisedGrace: DAY })?.at,
    ).toEqual(inAnHour);
    const expiring = left({ expiresAt: at(MINUTE) })
      .revokeAfter(inAnHour)
      .compromised(T0);
    expect(end(expiring, grace)).toEqual({ at: at(MINUTE), by: 'expiry' });
  });

  test('follows from where it lives, and not from where its target is now', () => {
    const moved = (revocable: boolean) => ({ former: [{ ...former, revocable }] });
    const there = () => left({ place: 'place000', expiresAt: inTwoHours }).revokeAfter(inAnHour);
    expect(end(there(), moved(false))?.by).toBe('expiry');
    expect(end(there(), { ...moved(true), revocable: false })?.by).toBe('revocation');
    // out of reach: that it cannot be revoked is found, and announced, when it is tried
    expect(end(there(), { revocable: false })?.by).toBe('revocation');
    expect(
      [undefined, 'place001', 'place000', 'elsewhere'].map((place) =>
        reach(aTarget(moved(true)), place),
      ),
    ).toEqual(['own', 'own', 0, undefined]);
  });

  test('is the same to the warning and to the revocation', () => {
    const expiring = left({ expiresAt: inAnHour }).revokeAfter(inTwoHours);
    const decided = (now: Date) => decide(aTarget(), aSnapshot(current(), expiring), now);
    expect(decided(at(-MINUTE))).toMatchObject({
      action: 'wait',
      at: T0,
      next: { action: 'warn' },
    });
    expect(decided(T0)).toMatchObject({ action: 'warn', message: 'will be revoked in 1h' });
    expect(decided(inAnHour)).toMatchObject({ action: 'revoke', message: 'it has expired' });
  });
});

describe('a warning', () => {
  const warned = (change: Partial<Target>, now: Date, builder = left().revokeAfter(inTwoHours)) =>
    decide(aTarget(change), aSnapshot(current(), builder), now).action;

  test('comes an hour ahead, and half the grace where that is shorter', () => {
    expect([at(HOUR - 1000), inAnHour].map((now) => warned({}, now))).toEqual(['wait', 'warn']);
    const short = { grace: 30 * MINUTE };
    expect([at(105 * MINUTE - 1000), at(105 * MINUTE)].map((now) => warned(short, now))).toEqual([
      'wait',
      'warn',
    ]);
  });

  test('does not come for what is compromised, nor once its end has come', () => {
    const leaked = left()
      .revokeAfter(inTwoHours)
      .compromised(at(-2 * HOUR));
    expect(warned({ compromisedGrace: 3 * HOUR }, at(30 * MINUTE), leaked)).toBe('wait');
    expect(warned({}, inTwoHours)).toBe('revoke');
  });
});

describe('the soak', () => {
  test('follows the revocation, and is over once the expiry is', () => {
    expect(endOf(aTarget(), read(left().revokeAfter(inAnHour)))).toEqual(at(25 * HOUR));
    expect(endOf(aTarget(), read(left().revokeAfter(past).disabled(T0)))).toEqual(at(DAY));
    expect(endOf(aTarget(), read(left({ expiresAt: inAnHour }).revokeAfter(inTwoHours)))).toEqual(
      inAnHour,
    );
  });

  test('is none for what is compromised, or was never promoted', () => {
    expect(endOf(aTarget(), read(left().revokeAfter(past).disabled(T0).compromised(T0)))).toEqual(
      T0,
    );
    expect(endOf(aTarget(), read(left().discarded(T0, 'a', past)))).toEqual(T0);
    const snapshot = aSnapshot(
      current(),
      left()
        .revokeAfter(past)
        .disabled(T0)
        .compromised(at(-2 * HOUR)),
    );
    expect(decide(aTarget(), snapshot, T0)).toMatchObject({ action: 'delete', reason: 'soaked' });
  });
});
