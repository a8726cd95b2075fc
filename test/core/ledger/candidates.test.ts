import { describe, expect, test } from 'vitest';
import { parseLedger, superseded, wasPromoted } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
  at,
  DAY,
  id,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const yesterday = at(-DAY);
const justNow = at(-MINUTE);
const read = (...versions: VersionBuilder[]) => parseLedger(aSnapshot(...versions));
const find = (letter: string, ...versions: VersionBuilder[]) => {
  const found = read(...versions).versions.find((version) => version.id === id(letter));
  if (!found) throw new Error('no version');
  return found;
};

describe('a candidate', () => {
  const current = () => v('a').current().issued(past);
  const letters = (versions: readonly { readonly id: string }[]) =>
    versions.map(({ id: one }) => one.charAt(0));

  test('a candidate supersedes only the version that it names', () => {
    const over = (base: string) => read(current(), v('b').candidate(base, T0).issued(T0));
    expect([over('a').pending?.id, letters(over('a').strays)]).toEqual([id('b'), []]);
    expect([over('c').pending, letters(over('c').strays)]).toEqual([undefined, ['b']]);
  });

  test('a compromised candidate is a stray', () => {
    const ledger = read(current(), v('b').candidate('a', T0).issued(T0).compromised(T0));
    expect([ledger.pending, letters(ledger.strays)]).toEqual([undefined, ['b']]);
  });

  test('candidates are finished one at a time: a rollback, then the oldest', () => {
    const two = [
      v('b').candidate('a', T0).issued(T0),
      v('c').candidate('a', justNow).issued(justNow),
    ];
    expect(read(current(), ...two)).toMatchObject({ pending: { id: id('c') }, strays: [] });
    const back = v('d')
      .candidate('a', T0, 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'a', yesterday);
    expect(read(current(), ...two, back)).toMatchObject({ pending: { id: id('d') }, strays: [] });
  });

  test('a candidate is announced after the one that it supersedes, also in the same second', () => {
    const [first, second] = [
      v('c').candidate('a', justNow).issued(justNow),
      v('b').candidate('c', justNow).issued(justNow),
    ];
    const left = v('a').issued(past).revokeAfter(at(DAY), 'c', justNow);
    const ledger = read(left, first.previous().revokeAfter(at(DAY), 'b', T0), second.current());
    expect(letters(ledger.unannounced)).toEqual(['c', 'b']);
  });

  test('current, overtaken and discarded versions are not among the candidates', () => {
    const { candidates } = read(
      v('a').current().candidate('e', yesterday).issued(yesterday),
      v('b').candidate('a', T0).issued(T0),
      v('c').candidate('a', justNow).issued(justNow),
      v('d').candidate('e', justNow).issued(justNow),
      v('f').issued(justNow).discarded(T0, 'a', justNow),
    );
    expect(letters(candidates)).toEqual(['c', 'b']);
    const back = v('d')
      .candidate('a', T0, 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'a', yesterday);
    const ledger = read(current(), v('c').candidate('a', justNow).issued(justNow), back);
    expect([letters(ledger.candidates), ledger.pending?.id]).toEqual([['c', 'd'], id('d')]);
  });

  test('a candidate for a rotation older than the last rollback is a stray', () => {
    const gone = () =>
      v('b')
        .issued(yesterday)
        .rollback(at(-2 * MINUTE), 'a')
        .revokeAfter(at(DAY), 'a', justNow, 'rollback');
    const begun = (since: Date) =>
      read(current(), gone(), v('c').candidate('a', since).issued(since));
    for (const since of [yesterday, justNow])
      expect([begun(since).pending, letters(begun(since).strays)]).toEqual([undefined, ['c']]);
    expect([begun(T0).pending?.id, begun(T0).strays]).toEqual([id('c'), []]);
    // a rotation, or a rollback to another version, has no effect on this one
    const rotated = v('b')
      .issued(past)
      .rollback(at(-2 * MINUTE), 'a')
      .revokeAfter(at(DAY), 'a', justNow);
    const elsewhere = v('b')
      .issued(past)
      .rollback(at(-2 * MINUTE), 'd')
      .revokeAfter(at(DAY), 'd', justNow, 'rollback');
    for (const other of [rotated, elsewhere])
      expect(
        read(current(), other, v('c').candidate('a', yesterday).issued(yesterday)).pending?.id,
      ).toBe(id('c'));
  });

  test('a current version with a candidate label is an unannounced promotion', () => {
    const ledger = read(
      v('a').current().candidate('b', justNow).issued(justNow),
      v('b').issued(past).revokeAfter(at(DAY)),
    );
    expect([ledger.pending, ledger.strays, letters(ledger.unannounced)]).toEqual([
      undefined,
      [],
      ['a'],
    ]);
    expect(ledger.current?.pending).toBe(true);
  });

  test('of rollbacks there and back in one second, the current version is announced last', () => {
    const there = v('b')
      .candidate('a', justNow, 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'a', justNow);
    const back = v('a')
      .candidate('b', justNow, 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'b', justNow)
      .current();
    for (const versions of [
      [there, back],
      [back, there],
    ])
      expect(letters(read(...versions).unannounced)).toEqual(['b', 'a']);
  });

  test('a promotion superseded before its announcement is superseded and unannounced', () => {
    const again = v('b')
      .candidate('c', yesterday)
      .issued(yesterday)
      .revokeAfter(at(DAY), 'a', justNow);
    const ledger = read(current(), again);
    expect([
      letters(ledger.unannounced),
      letters(ledger.strays),
      letters(ledger.versions.filter(superseded)),
    ]).toEqual([['b'], [], ['b']]);
  });

  test('an older retirement does not make the candidate of a rollback a promotion', () => {
    const back = v('b')
      .candidate('a', justNow, 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'a', yesterday);
    const found = find('b', current(), back);
    expect([wasPromoted(found), superseded(found), found.pending]).toEqual([false, false, true]);
    const promoted = v('b')
      .candidate('a', yesterday, 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'c', justNow);
    expect(wasPromoted(find('b', current(), promoted))).toBe(true);
  });

  test('a candidate label without a credential label has no effect', () => {
    const ledger = read(current(), v('b').candidate('a', T0));
    expect([ledger.pending, ledger.strays, ledger.unannounced]).toEqual([undefined, [], []]);
  });

  test('AWSPENDING does not make a candidate: it belongs to Secrets Manager’s own rotation', () => {
    const ledger = read(current(), v('b').staged());
    expect([ledger.pending, ledger.started?.id, ledger.versions[1]?.pending]).toEqual([
      undefined,
      id('b'),
      false,
    ]);
    const created = read(current(), v('b').staged().candidate('a', T0).issued(T0));
    expect([created.pending?.id, created.started]).toEqual([id('b'), undefined]);
    const emptied = read(current(), v('b').candidate('a', T0).issued(T0), v('c').staged());
    expect([emptied.pending?.id, emptied.started?.id]).toEqual([id('b'), id('c')]);
  });
});
