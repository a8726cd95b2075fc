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
/** The kinds of the settled labels on the last of these versions. */
const gone = (...versions: VersionBuilder[]) => {
  const ledger = read(...versions);
  const version = ledger.versions.at(-1);
  return version && settled(ledger, version).map((label) => label.split(':')[2] ?? label);
};

describe('settled labels', () => {
  test('all labels of a dead version are settled', () => {
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

  test('requests and failures on a version are settled once it is superseded', () => {
    const left = v('b')
      .issued(past)
      .revokeAfter(at(HOUR))
      .warned(T0)
      .requested(past)
      .refused(past, 2)
      .backoff(1, past, past);
    expect(gone(current(), left)).toEqual(['requested', 'refused', 'backoff']);
  });

  test('no label is settled on a current, candidate or unannounced version', () => {
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

  test('a report of compromise is not settled while a credential that it covers is alive', () => {
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

  test('a used id is not settled until the end of its orphan is announced', () => {
    expect(gone(current(), v('b').used(past))).toEqual(['used']);
    expect(gone(current(), v('b').used(past, 0, 'credential-b'))).toEqual([]);
  });

  test('AWSPENDING is settled on a used id, not on a rotation that has just begun', () => {
    expect(gone(current(), v('b').staged().used(past))).toEqual(['used', 'AWSPENDING']);
    expect(gone(current(), v('b').staged())).toEqual([]);
  });

  test('labels of a newer format, and foreign ones, are not settled', () => {
    const others = v('b')
      .stage('release-42', 'rekey:2:credential:00000000:x', 'rekey:credential:x')
      .revokeAfter(past);
    expect(gone(current(), others)).toEqual(['revoke-after']);
  });
});

describe('the removal of settled labels', () => {
  const forgotten = (...versions: VersionBuilder[]) =>
    agenda({ target: aTarget(), ledger: read(...versions), now: T0 })
      .filter(({ action, at: time }) => action === 'forget' && time <= T0)
      .map(({ version }) => version?.id);
  const crowd = () =>
    current().stage(...Array.from({ length: 7 }, (_, number) => `somebody-elses-${number}`));

  test('settled labels are removed after a day, or at once if fewer than 10 are free', () => {
    const dead = () => v('b').revokeAfter(at(-HOUR));
    expect(forgotten(current(), dead())).toEqual([]);
    expect(decide(aTarget(), aSnapshot(current(), dead()), T0)).toMatchObject({
      at: at(-HOUR + DAY),
      next: { action: 'forget' },
    });
    expect(forgotten(crowd(), dead())).toEqual([]);
    expect(new Set(forgotten(crowd().stage('one-more'), dead()))).toEqual(new Set([dead().id]));
  });

  test('the label that counts the used attempts over the current version is kept', () => {
    const attempts = [0, 1, 2].map((attempt) => attemptAt('a', attempt).used(past, attempt));
    const older = attemptAt('b', 7).used(past, 7);
    const expected = [attempts[0]?.id, attempts[1]?.id, older.id];
    expect(new Set(forgotten(current(), ...attempts, older))).toEqual(new Set(expected));
    expect(new Set(forgotten(crowd(), ...attempts, older))).toEqual(new Set(expected));
  });

  test('a rollback requested from a value stored by hand is refused before its label goes', () => {
    const overtaken = v('b').rollback(yesterday, 'c');
    const [first] = agenda({
      target: aTarget(),
      ledger: read(crowd(), v('c').revokeAfter(justNow), overtaken),
      now: T0,
    }).filter(({ version }) => version?.id === overtaken.id);
    expect(first).toMatchObject({ action: 'rollback', reason: 'rollback-overtaken' });
  });

  test('a failure that the event bus did not accept is announced before its label goes', () => {
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

test('a live target loses the label of its removal, so that the next one is announced', () => {
  const marked = aSnapshot(current().removed(justNow));
  expect(decide(aTarget(), marked, T0)).toMatchObject({
    action: 'forget',
    version: { removedAt: justNow },
  });
  expect(decide(aTarget({ retired: true }), marked, T0)).not.toMatchObject({ action: 'forget' });
});
