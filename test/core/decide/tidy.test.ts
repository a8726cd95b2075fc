import { describe, expect, test } from 'vitest';
import { agenda, decide } from '../../../lib/core/decide/index.ts';
import { parseLedger, settled } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
  aTarget,
  at,
  attemptAt,
  DAY,
  HOUR,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const yesterday = at(-DAY);
const justNow = at(-MINUTE);
const current = () => v('a').current().issued(yesterday);
const read = (...versions: VersionBuilder[]) => parseLedger(aSnapshot(...versions));
/** The labels that say nothing any more on the last of these versions, by their kind. */
const gone = (...versions: VersionBuilder[]) => {
  const ledger = read(...versions);
  const version = ledger.versions.at(-1);
  return version && settled(ledger, version).map((label) => label.split(':')[2] ?? label);
};

describe('labels are settled', () => {
  test('all of them once nothing is alive behind a version', () => {
    const dead = v('b')
      .revokeAfter(past, 'a', past, 'rollback')
      .rollback(past, 'a')
      .warned(past)
      .disabled(past);
    dead.requested(past).backoff(1, past, past);
    expect(gone(current(), dead)).toEqual([
      'revoke-after',
      'rollback',
      'warned',
      'disabled',
      'requested',
      'backoff',
    ]);
  });

  test('what asked to supersede a version, once it is superseded', () => {
    const left = v('b')
      .issued(past)
      .revokeAfter(at(HOUR))
      .warned(T0)
      .requested(past)
      .refused(past, 2)
      .backoff(1, past, past);
    expect(gone(current(), left)).toEqual(['requested', 'refused', 'backoff']);
  });

  test('none of a version that is current, a candidate, or promoted and not announced', () => {
    expect(gone(v('a').current().requested(past).revokeAfter(past))).toEqual([]);
    expect(gone(current(), v('b').candidate('a').requested(past))).toEqual([]);
    expect(
      gone(
        current(),
        v('b')
          .candidate('c', past)
          .issued(past)
          .revokeAfter(at(HOUR), 'a', yesterday)
          .requested(past),
      ),
    ).toEqual([]);
  });

  test('a report of compromise not while anything it speaks of is alive', () => {
    const report = () =>
      v('b')
        .revokeAfter(past)
        .compromised(at(-2 * DAY));
    expect(gone(current(), report())).toEqual(['revoke-after', 'compromised']);
    const alive = v('c').issued(past).revokeAfter(at(HOUR));
    expect(gone(current(), alive, report())).toEqual(['revoke-after']);
    expect(gone(current(), v('b').issued(past).revokeAfter(past).compromised(yesterday))).toEqual(
      [],
    );
  });

  test('a used id not while the end of what was issued under it is not announced', () => {
    expect(gone(current(), v('b').used(past))).toEqual(['used']);
    expect(gone(current(), v('b').used(past, 0, 'credential-b'))).toEqual([]);
  });

  test('AWSPENDING on an id that is used up, and not where a rotation of Secrets Manager has just begun', () => {
    expect(gone(current(), v('b').staged().used(past))).toEqual(['used', 'AWSPENDING']);
    expect(gone(current(), v('b').staged())).toEqual([]);
  });

  test('none of a newer format, nor of somebody else’s', () => {
    const others = v('b')
      .stage('release-42', 'rekey:2:credential:00000000:x', 'rekey:credential:x')
      .revokeAfter(past);
    expect(gone(current(), others)).toEqual(['revoke-after']);
  });
});

describe('settled labels are taken off', () => {
  const forgotten = (...versions: VersionBuilder[]) =>
    agenda({ target: aTarget(), ledger: read(...versions), now: T0 })
      .filter(({ action, at: time }) => action === 'forget' && time <= T0)
      .map(({ version }) => version?.id);
  const crowd = () =>
    current().stage(...Array.from({ length: 7 }, (_, number) => `somebody-elses-${number}`));

  test('a day after the end, and at once where less than half of the labels are free', () => {
    const dead = () => v('b').revokeAfter(at(-HOUR));
    expect(forgotten(current(), dead())).toEqual([]);
    expect(decide(aTarget(), aSnapshot(current(), dead()), T0)).toMatchObject({
      at: at(-HOUR + DAY),
      next: { action: 'forget' },
    });
    expect(forgotten(crowd(), dead())).toEqual([]);
    expect(new Set(forgotten(crowd().stage('one-more'), dead()))).toEqual(new Set([dead().id]));
  });

  test('but for the one that says how many attempts to supersede the current version are used up', () => {
    const attempts = [0, 1, 2].map((attempt) => attemptAt('a', attempt).used(past, attempt));
    const older = attemptAt('b', 7).used(past, 7);
    const expected = [attempts[0]?.id, attempts[1]?.id, older.id];
    expect(new Set(forgotten(current(), ...attempts, older))).toEqual(new Set(expected));
    expect(new Set(forgotten(crowd(), ...attempts, older))).toEqual(new Set(expected));
  });

  test('and a rollback that was requested from a value put by hand is refused before its label goes', () => {
    const overtaken = v('b').rollback(yesterday, 'c');
    const [first] = agenda({
      target: aTarget(),
      ledger: read(crowd(), v('c').revokeAfter(justNow), overtaken),
      now: T0,
    }).filter(({ version }) => version?.id === overtaken.id);
    expect(first).toMatchObject({ action: 'rollback', reason: 'rollback-overtaken' });
  });

  test('and a failure that the event bus did not take is told before its label goes', () => {
    const untold = v('b').issued(past).revokeAfter(at(HOUR)).warned(T0);
    untold.backoff(1, yesterday, yesterday, 'backoff', 'refused', { untold: 'verify' });
    const [first] = agenda({
      target: aTarget(),
      ledger: read(crowd().stage('one-more'), untold),
      now: T0,
    }).filter(({ version, at: time }) => version?.id === untold.id && time <= T0);
    expect(first).toMatchObject({ action: 'report' });
  });
});

test('a live target loses the label that says it left the fleet: the next time it leaves must be announced', () => {
  const marked = aSnapshot(current().removed(justNow));
  expect(decide(aTarget(), marked, T0)).toMatchObject({
    action: 'forget',
    version: { removedAt: justNow },
  });
  expect(decide(aTarget({ retired: true }), marked, T0)).not.toMatchObject({ action: 'forget' });
});
