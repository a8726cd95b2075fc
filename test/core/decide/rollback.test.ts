import { describe, expect, test } from 'vitest';
import {
  agenda,
  decide,
  MARGIN,
  mayComeBack,
  rollbackCandidate,
  rollbackUntil,
} from '../../../lib/core/decide/index.ts';
import { type CredentialNote, parseLedger } from '../../../lib/core/ledger/index.ts';
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

const past = at(-9 * DAY);
const yesterday = at(-DAY);
const current = () => v('a').current().issued(yesterday);
const left = (note: Partial<CredentialNote> = {}) => v('b').issued(past, note);
const mayReturn = (builder: VersionBuilder, now: Date, change = {}) => {
  const [version] = parseLedger(aSnapshot(builder)).versions;
  return version && mayComeBack(aTarget(change), version, now);
};
const goesTo = (...versions: VersionBuilder[]) =>
  rollbackCandidate(aTarget(), parseLedger(aSnapshot(current(), ...versions)), T0)?.id;

describe('when a rollback is possible', () => {
  test('a rollback is possible until 5 minutes before the revocation or disabling', () => {
    const times = [MARGIN + 1000, MARGIN, MARGIN - 1000].map((ms) => at(HOUR - ms));
    expect(times.map((now) => mayReturn(left().revokeAfter(at(HOUR)), now))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('a rollback is possible during the soak, except its first and last 5 minutes', () => {
    const times = [0, MARGIN - 1000, MARGIN, DAY - MARGIN - 1000, DAY - MARGIN, DAY].map((ms) =>
      at(ms),
    );
    const found = times.map((now) => mayReturn(left().revokeAfter(yesterday).disabled(T0), now));
    expect(found).toEqual([false, false, true, true, false, false]);
  });

  test('a rollback is not possible between the revocation time and the disabling', () => {
    expect(mayReturn(left().revokeAfter(at(-HOUR)), T0)).toBe(false);
  });

  test('a rollback is possible at once after a person superseded the version', () => {
    expect(mayReturn(left(), T0)).toBe(true);
  });

  test('a rollback to a compromised, failing or dead version is not possible', () => {
    expect(mayReturn(left().revokeAfter(at(HOUR)).compromised(yesterday), T0)).toBe(false);
    expect(
      mayReturn(left().revokeAfter(at(HOUR)).compromised(T0), T0, { compromisedGrace: DAY }),
    ).toBe(false);
    expect(
      mayReturn(left().revokeAfter(yesterday).disabled(at(-HOUR)).compromised(yesterday), T0),
    ).toBe(false);
    expect(mayReturn(left().revokeAfter(at(HOUR)).backoff(1, T0, T0, 'revoke-backoff'), T0)).toBe(
      false,
    );
    expect(mayReturn(v('b').revokeAfter(at(HOUR)), T0)).toBe(false);
  });

  test('a rollback to a credential that is due for renewal is not possible', () => {
    // it is due for renewal when the grace and 15 minutes of its life are left
    const renewal = DAY + 15 * MINUTE;
    const expiring = (ms: number) => left({ expiresAt: at(ms) }).revokeAfter(at(HOUR));
    expect(mayReturn(expiring(renewal + MARGIN), T0)).toBe(false);
    expect(mayReturn(expiring(renewal + MARGIN + 1000), T0)).toBe(true);
  });

  test('a rollback is possible until the time that status shows', () => {
    for (const builder of [
      left().revokeAfter(at(HOUR)),
      left().revokeAfter(yesterday).disabled(at(-HOUR)),
    ]) {
      const [version] = parseLedger(aSnapshot(builder)).versions;
      const until = version && rollbackUntil(aTarget(), version);
      expect(
        until && [mayReturn(builder, new Date(Number(until) - 1)), mayReturn(builder, until)],
      ).toEqual([true, false]);
    }
  });
});

describe('the destination of a rollback', () => {
  const young = (letter: string) => v(letter).issued(yesterday).revokeAfter(at(HOUR));

  test('a rollback goes to the previous version, else to the youngest', () => {
    expect(goesTo(left().previous().revokeAfter(at(HOUR)), young('c'))).toBe(id('b'));
    expect(goesTo(left().revokeAfter(at(HOUR)), young('c'))).toBe(id('c'));
    expect(goesTo(left().previous().revokeAfter(at(MINUTE)), young('c'))).toBe(id('c'));
  });

  test('a rollback goes to no candidate, and to no version that was never promoted', () => {
    expect(goesTo(left().discarded(at(HOUR), 'a'))).toBeUndefined();
    expect(goesTo(v('b').candidate('a', T0).issued(T0))).toBeUndefined();
    expect(goesTo()).toBeUndefined();
  });

  test('a rollback to a version superseded by hand waits for its revocation time', () => {
    const byHand = [v('a').current().rollback(T0, 'b'), left().previous()];
    expect(decide(aTarget(), aSnapshot(...byHand), T0)).toMatchObject({
      action: 'retire',
      version: { id: id('b') },
    });
    const retired = [v('a').current().rollback(T0, 'b'), left().previous().revokeAfter(at(DAY))];
    expect(decide(aTarget(), aSnapshot(...retired), T0)).toMatchObject({ action: 'rollback' });
  });
});

describe('after a rollback', () => {
  const old = () =>
    v('a')
      .current()
      .issued(at(-31 * DAY));
  /** A version that was rolled back to version a, and ends at this time. */
  const gone = (letter: string, until: Date) =>
    v(letter)
      .issued(yesterday)
      .rollback(at(-HOUR), 'a')
      .revokeAfter(until, 'a', at(-HOUR), 'rollback')
      .warned(at(-HOUR));
  const decided = (...versions: VersionBuilder[]) => decide(aTarget(), aSnapshot(...versions), T0);

  test('after a rollback, no rotation for age starts while the old version is alive', () => {
    expect(decided(old(), gone('b', at(HOUR)))).toMatchObject({ action: 'wait', at: at(HOUR) });
    expect(decided(old(), gone('b', T0).disabled(T0))).toMatchObject({
      action: 'rotate',
      reason: 'too-old',
    });
  });

  test('after two rollbacks, rotations wait for the later end', () => {
    const first = gone('b', yesterday).disabled(yesterday);
    const rotation = agenda({
      target: aTarget({ soak: 2 * DAY }),
      ledger: parseLedger(aSnapshot(old(), first, gone('c', at(3 * HOUR)))),
      now: T0,
    }).find(({ reason }) => reason === 'too-old');
    expect(rotation).toMatchObject({ at: at(3 * HOUR), gate: 'rolled-back' });
  });

  test('after a rollback, an urgent rotation starts at once', () => {
    expect(decided(old().requested(T0), gone('b', at(HOUR)))).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
    const young = v('a')
      .current()
      .issued(past, { expiresAt: at(HOUR) });
    expect(decided(young, gone('b', at(HOUR)))).toMatchObject({
      action: 'rotate',
      reason: 'expiring',
    });
  });

  test('a completed rollback does not count as overtaken', () => {
    expect(decided(old(), gone('b', at(HOUR)))).not.toMatchObject({ reason: 'rollback-overtaken' });
    const overtaken = v('b')
      .issued(yesterday)
      .rollback(at(-HOUR), 'c')
      .revokeAfter(at(HOUR), 'a', at(-HOUR));
    expect(decided(current(), overtaken)).toMatchObject({
      action: 'rollback',
      reason: 'rollback-overtaken',
    });
  });
});
