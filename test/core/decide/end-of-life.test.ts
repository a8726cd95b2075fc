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
  test('a superseded credential has no known end before it is retired', () => {
    expect(end(left())).toBeUndefined();
  });

  test('a superseded credential ends at its revocation time', () => {
    expect(end(left().revokeAfter(inAnHour))).toEqual({ at: inAnHour, by: 'revocation' });
  });

  test('a superseded credential ends at its expiry if that comes first', () => {
    expect(end(left({ expiresAt: at(MINUTE) }).revokeAfter(inAnHour))).toEqual({
      at: at(MINUTE),
      by: 'expiry',
    });
    expect(end(left({ expiresAt: inTwoHours }).revokeAfter(inAnHour))).toEqual({
      at: inAnHour,
      by: 'revocation',
    });
  });

  test('an expiry-only credential ends at its expiry, even if compromised', () => {
    const target = { revocable: false };
    expect(end(left({ expiresAt: inTwoHours }).revokeAfter(inAnHour), target)).toEqual({
      at: inTwoHours,
      by: 'expiry',
    });
    const leaked = left({ expiresAt: inTwoHours }).revokeAfter(inAnHour).compromised(T0);
    expect(end(leaked, target)).toEqual({ at: inTwoHours, by: 'expiry' });
    expect(end(left().revokeAfter(inAnHour), target)).toEqual({ at: inAnHour, by: 'expiry' });
  });

  test('a compromise brings the end forward, and never delays it', () => {
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

  test('the end depends on the place of the credential, not on that of its target', () => {
    const moved = (revocable: boolean) => ({ former: [{ ...former, revocable }] });
    const there = () => left({ place: 'place000', expiresAt: inTwoHours }).revokeAfter(inAnHour);
    expect(end(there(), moved(false))?.by).toBe('expiry');
    expect(end(there(), { ...moved(true), revocable: false })?.by).toBe('revocation');
    // out of reach: the revocation is due, and its failure is announced
    expect(end(there(), { revocable: false })?.by).toBe('revocation');
    expect(
      [undefined, 'place001', 'place000', 'elsewhere'].map((place) =>
        reach(aTarget(moved(true)), place),
      ),
    ).toEqual(['own', 'own', 0, undefined]);
  });

  test('the warning and the revocation use the same end', () => {
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

  test('a warning comes an hour before the end, or half the grace if that is shorter', () => {
    expect([at(HOUR - 1000), inAnHour].map((now) => warned({}, now))).toEqual(['wait', 'warn']);
    const short = { grace: 30 * MINUTE };
    expect([at(105 * MINUTE - 1000), at(105 * MINUTE)].map((now) => warned(short, now))).toEqual([
      'wait',
      'warn',
    ]);
  });

  test('no warning comes for a compromised credential, or after its end', () => {
    const leaked = left()
      .revokeAfter(inTwoHours)
      .compromised(at(-2 * HOUR));
    expect(warned({ compromisedGrace: 3 * HOUR }, at(30 * MINUTE), leaked)).toBe('wait');
    expect(warned({}, inTwoHours)).toBe('revoke');
  });
});

describe('the soak', () => {
  test('the soak follows the revocation, and ends with the expiry', () => {
    expect(endOf(aTarget(), read(left().revokeAfter(inAnHour)))).toEqual(at(25 * HOUR));
    expect(endOf(aTarget(), read(left().revokeAfter(past).disabled(T0)))).toEqual(at(DAY));
    expect(endOf(aTarget(), read(left({ expiresAt: inAnHour }).revokeAfter(inTwoHours)))).toEqual(
      inAnHour,
    );
  });

  test('a compromised or never promoted credential has no soak', () => {
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
