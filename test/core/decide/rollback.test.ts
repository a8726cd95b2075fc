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

describe('a version can be rolled back to', () => {
  test('until 5 minutes before it is revoked or disabled', () => {
    const times = [MARGIN + 1000, MARGIN, MARGIN - 1000].map((ms) => at(HOUR - ms));
    expect(times.map((now) => mayReturn(left().revokeAfter(at(HOUR)), now))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('from 5 minutes after it was disabled until 5 minutes before it is deleted', () => {
    const times = [0, MARGIN - 1000, MARGIN, DAY - MARGIN - 1000, DAY - MARGIN, DAY].map((ms) =>
      at(ms),
    );
    const found = times.map((now) => mayReturn(left().revokeAfter(yesterday).disabled(T0), now));
    expect(found).toEqual([false, false, true, true, false, false]);
  });

  test('and not between its time of revocation and the moment it is disabled', () => {
    expect(mayReturn(left().revokeAfter(at(-HOUR)), T0)).toBe(false);
  });

  test('at once after somebody superseded it by hand', () => {
    expect(mayReturn(left(), T0)).toBe(true);
  });

  test('unless it is compromised, its revocation is failing, or nothing is behind it', () => {
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

  test('unless it would be renewed again at once', () => {
    // due for renewal once the grace and 15 minutes are left of its life
    const renewal = DAY + 15 * MINUTE;
    const expiring = (ms: number) => left({ expiresAt: at(ms) }).revokeAfter(at(HOUR));
    expect(mayReturn(expiring(renewal + MARGIN), T0)).toBe(false);
    expect(mayReturn(expiring(renewal + MARGIN + 1000), T0)).toBe(true);
  });

  test('until the same time that is shown to people', () => {
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

describe('a rollback goes', () => {
  const young = (letter: string) => v(letter).issued(yesterday).revokeAfter(at(HOUR));

  test('to the previous version, else to the youngest', () => {
    expect(goesTo(left().previous().revokeAfter(at(HOUR)), young('c'))).toBe(id('b'));
    expect(goesTo(left().revokeAfter(at(HOUR)), young('c'))).toBe(id('c'));
    expect(goesTo(left().previous().revokeAfter(at(MINUTE)), young('c'))).toBe(id('c'));
  });

  test('to no version that was never promoted, and to none that is a candidate', () => {
    expect(goesTo(left().discarded(at(HOUR), 'a'))).toBeUndefined();
    expect(goesTo(v('b').candidate('a', T0).issued(T0))).toBeUndefined();
    expect(goesTo()).toBeUndefined();
  });

  test('to a version that was superseded by hand a moment ago, once it has a time of revocation', () => {
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
  /** Left for version a, until then. */
  const gone = (letter: string, until: Date) =>
    v(letter)
      .issued(yesterday)
      .rollback(at(-HOUR), 'a')
      .revokeAfter(until, 'a', at(-HOUR), 'rollback')
      .warned(at(-HOUR));
  const decided = (...versions: VersionBuilder[]) => decide(aTarget(), aSnapshot(...versions), T0);

  test('nothing is rotated for its age while the version that was left is still alive', () => {
    expect(decided(old(), gone('b', at(HOUR)))).toMatchObject({ action: 'wait', at: at(HOUR) });
    expect(decided(old(), gone('b', T0).disabled(T0))).toMatchObject({
      action: 'rotate',
      reason: 'too-old',
    });
  });

  test('the hold lasts until the latest of the versions that were left for this one', () => {
    const first = gone('b', yesterday).disabled(yesterday);
    const rotation = agenda({
      target: aTarget({ soak: 2 * DAY }),
      ledger: parseLedger(aSnapshot(old(), first, gone('c', at(3 * HOUR)))),
      now: T0,
    }).find(({ reason }) => reason === 'too-old');
    expect(rotation).toMatchObject({ at: at(3 * HOUR), gate: 'rolled-back' });
  });

  test('what is urgent is rotated at once', () => {
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

  test('the version that was left is not taken for one whose rollback was overtaken', () => {
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
