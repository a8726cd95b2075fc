import { describe, expect, test } from 'vitest';
import { parseLedger, superseded } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
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
const justNow = at(-MINUTE);
const find = (letter: string, ...versions: VersionBuilder[]) => {
  const found = parseLedger(aSnapshot(...versions)).versions.find(
    (version) => version.id === id(letter),
  );
  if (!found) throw new Error('no version');
  return found;
};

describe('a retirement', () => {
  const current = () => v('a').current().issued(past);
  const retired = () => current().revokeAfter(at(DAY), 'b', yesterday);
  const candidate = () => v('b').candidate('a', yesterday).issued(yesterday);

  test('a retirement counts once its candidate is current', () => {
    const left = v('a').previous().issued(past).revokeAfter(at(DAY), 'b', yesterday);
    expect(find('a', left, candidate().current()).revokeAfter).toEqual(at(DAY));
    expect(find('a', left, v('b').current().issued(yesterday)).revokeAfter).toEqual(at(DAY));
  });

  test('a retirement does not count before its candidate is current', () => {
    expect(find('a', retired(), candidate()).revokeAfter).toBeUndefined();
  });

  test('a retirement does not count if its candidate was discarded', () => {
    const discarded = v('b').issued(yesterday).discarded(justNow, 'a', yesterday);
    expect(find('a', retired(), discarded).revokeAfter).toBeUndefined();
    // a person stores a value: the version that it supersedes has no revocation time yet
    const pushedAside = v('a').previous().issued(past).revokeAfter(at(-HOUR), 'b', yesterday);
    const found = find('a', pushedAside, discarded, v('c').current());
    expect([found.revokeAfter, superseded(found)]).toEqual([undefined, true]);
    expect(find('b', pushedAside, discarded, v('c').current()).revokeAfter).toEqual(justNow);
  });

  test('a retirement does not count if its candidate was overtaken', () => {
    const pushedAside = v('a').previous().issued(past).revokeAfter(at(-HOUR), 'b', yesterday);
    expect(find('a', pushedAside, candidate(), v('c').current()).revokeAfter).toBeUndefined();
  });

  test('a retirement after a change by hand counts without a promotion', () => {
    const byHand = v('a').previous().issued(past).revokeAfter(at(DAY), undefined, justNow);
    expect(find('a', byHand, candidate(), v('c').current()).revokeAfter).toEqual(at(DAY));
  });

  test('a retirement counts if its candidate was both discarded and promoted', () => {
    const left = v('a').previous().issued(past).revokeAfter(at(DAY), 'b', yesterday);
    const both = () => v('b').issued(yesterday).discarded(justNow, 'a', yesterday);
    const ledger = parseLedger(aSnapshot(left, both().current()));
    expect(ledger.unannounced.map((version) => version.id)).toEqual([id('b')]);
    expect(ledger.current).toMatchObject({
      pending: true,
      candidate: { kind: 'rotation', since: yesterday },
    });
    expect([ledger.current?.discarded, ledger.current?.revokeAfter]).toEqual([
      undefined,
      undefined,
    ]);
    expect(find('a', left, both().current()).revokeAfter).toEqual(at(DAY));
    // the same after it is superseded
    const superseding = v('c').current().candidate('b', justNow).issued(justNow);
    const later = parseLedger(
      aSnapshot(left, both().revokeAfter(at(2 * DAY), 'c', justNow), superseding),
    );
    expect(later.unannounced.map((version) => version.id)).toEqual([id('b'), id('c')]);
  });

  test('a second promotion of the same two versions has its own retirement', () => {
    const left = v('a').previous().issued(past).revokeAfter(at(DAY), 'b', justNow);
    const discarded = v('b').current().issued(past).discarded(yesterday, 'a', yesterday);
    expect(find('a', left, discarded).revokeAfter).toEqual(at(DAY));
  });
});

describe('the requests and failures of an earlier life', () => {
  const said = (when: Date) =>
    v('a')
      .current()
      .issued(past)
      .requested(when)
      .refused(when, 2)
      .backoff(3, when, at(DAY))
      .rollback(when, 'c')
      .warned(yesterday);
  const notes = (builder: VersionBuilder) => {
    const { requested, refused, backoff, rollback } = find('a', builder);
    return [requested, refused, backoff, rollback].filter((note) => note !== undefined).length;
  };

  test('older requests and failures are ignored once a version is current again', () => {
    expect(notes(said(past).revokeAfter(at(DAY), 'b', yesterday))).toBe(0);
    expect(find('a', said(past).revokeAfter(at(DAY), 'b', yesterday)).warned).toBeUndefined();
  });

  test('older requests and failures are ignored before the rollback is announced', () => {
    const rolledBack = (when: Date) =>
      said(when).candidate('b', justNow, 'rollback').revokeAfter(at(DAY), 'b', yesterday);
    expect(notes(rolledBack(at(-HOUR)))).toBe(0);
    expect(notes(rolledBack(T0))).toBe(4);
  });

  test('requests and failures after a return count', () => {
    expect(notes(said(justNow).revokeAfter(at(DAY), 'b', yesterday))).toBe(4);
  });

  test('requests and failures count if the promotion did not happen', () => {
    const current = said(past).revokeAfter(at(DAY), 'b', yesterday);
    expect(
      find('a', current, v('b').candidate('a', yesterday).issued(yesterday)).requested,
    ).toBeDefined();
  });

  test('a report of compromise from an earlier life still counts', () => {
    const again = v('a')
      .current()
      .issued(past)
      .compromised(at(-2 * DAY))
      .revokeAfter(at(DAY), 'b', yesterday);
    expect(find('a', again).compromisedAt).toEqual(at(-2 * DAY));
    const rolledBack = again.copy().candidate('b', justNow, 'rollback');
    expect(find('a', rolledBack).compromisedAt).toEqual(at(-2 * DAY));
  });
});
