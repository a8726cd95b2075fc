import { describe, expect, test } from 'vitest';
import {
  agenda,
  type Due,
  decide,
  discardableFrom,
  leaseEnd,
  revocationTime,
} from '../../../lib/core/decide/index.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
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
const past = at(-9 * DAY);
const current = () => v('a').current().issued(yesterday);
const candidate = (since = justNow) => v('b').candidate('a', since).issued(since);
const decided = (...versions: VersionBuilder[]) => decide(aTarget(), aSnapshot(...versions), T0);
const dues = (...versions: VersionBuilder[]) =>
  agenda({ target: aTarget(), ledger: parseLedger(aSnapshot(...versions)), now: T0 });

describe('a candidate', () => {
  test('a candidate is promoted within 10 minutes, or discarded after 15', () => {
    const [version] = parseLedger(aSnapshot(candidate(T0))).versions;
    if (!version) throw new Error('no version');
    expect([leaseEnd(version), discardableFrom(version, T0)]).toEqual([
      at(10 * MINUTE),
      at(15 * MINUTE),
    ]);
    const minutes = [9, 10, 14, 15].map((minute) =>
      decide(aTarget(), aSnapshot(current(), candidate(T0)), at(minute * MINUTE)),
    );
    expect(minutes.map(({ action }) => action)).toEqual(['finish', 'wait', 'wait', 'discard']);
  });

  test('an overtaken candidate is discarded once no worker can promote it', () => {
    const overtaken = (since: Date) => [v('c').current().issued(justNow), candidate(since)];
    expect(decided(...overtaken(justNow))).toMatchObject({ action: 'wait', at: at(14 * MINUTE) });
    expect(decided(...overtaken(at(-15 * MINUTE)))).toMatchObject({
      action: 'discard',
      reason: 'stale-candidate',
    });
  });

  test('a compromised candidate is discarded at once, after its successor is issued', () => {
    const found = dues(current(), candidate().compromised(T0)).filter(({ at: time }) => time <= T0);
    expect(found.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
      'rotate compromised',
      'discard stale-candidate',
    ]);
  });

  test('a compromised candidate is revoked 5 minutes after the report, at the latest', () => {
    const [fresh, old] = [T0, at(-12 * MINUTE)].map(
      (since) => parseLedger(aSnapshot(candidate(since).compromised(T0))).versions[0],
    );
    if (!fresh || !old) throw new Error('no version');
    expect(discardableFrom(fresh, T0)).toEqual(at(5 * MINUTE));
    expect(discardableFrom(old, T0)).toEqual(at(3 * MINUTE));
  });

  test('an overtaken candidate for a rollback is discarded at once', () => {
    const overtaken = v('b')
      .candidate('c', justNow, 'rollback')
      .issued(past)
      .revokeAfter(at(HOUR), 'c', yesterday);
    expect(decided(current(), overtaken)).toMatchObject({
      action: 'discard',
      version: { id: id('b') },
    });
  });

  test('a requested rollback comes before the candidate of a rotation', () => {
    const before = v('c').issued(past).revokeAfter(at(HOUR), 'a', yesterday);
    const asked = current().rollback(T0, 'c');
    expect(decided(asked, candidate(), before)).toMatchObject({
      action: 'rollback',
      reason: 'rollback-requested',
    });
    const underWay = decided(asked, candidate(), before.copy().candidate('a', T0, 'rollback'));
    expect(underWay).toMatchObject({ action: 'finish', version: { id: id('c') } });
  });

  test('the candidate of a rotation waits for the backoff; that of a rollback does not', () => {
    const failed = () => current().backoff(3, justNow, at(30 * MINUTE));
    expect(decided(failed(), candidate())).toMatchObject({ action: 'wait', at: at(14 * MINUTE) });
    const back = v('b')
      .candidate('a', T0, 'rollback')
      .issued(past)
      .revokeAfter(at(HOUR), 'a', yesterday);
    expect(decided(failed().rollback(T0, 'b'), back)).toMatchObject({
      action: 'finish',
      reason: 'half-done',
    });
  });

  test('the candidate of a retired target is discarded, not finished', () => {
    const retired = aTarget({ retired: true, grace: 0 });
    expect(decide(retired, aSnapshot(current(), candidate()), T0)).toMatchObject({
      action: 'wait',
      at: at(14 * MINUTE),
    });
  });

  test('no other credential is issued while there is a candidate', () => {
    expect(dues(current().requested(T0), candidate()).map(({ action }) => action)).not.toContain(
      'rotate',
    );
  });
});

describe('a discarded candidate', () => {
  const discarded = () =>
    v('b')
      .issued(at(-16 * MINUTE))
      .discarded(justNow, 'a', at(-16 * MINUTE));

  test('a discarded candidate is revoked without a warning, whether compromised or not', () => {
    expect(decided(current(), discarded())).toMatchObject({
      action: 'revoke',
      reason: 'revocation-due',
    });
    expect(
      dues(current(), v('b').issued(justNow).discarded(at(HOUR), 'a')).map(({ action }) => action),
    ).not.toContain('warn');
    const [reported] = parseLedger(
      aSnapshot(
        v('b')
          .issued(justNow)
          .discarded(at(5 * MINUTE), 'a')
          .compromised(T0),
      ),
    ).versions;
    expect(reported && revocationTime(aTarget(), reported)).toEqual(at(5 * MINUTE));
  });
});

describe('a promotion that is not announced', () => {
  const unannounced = () => v('a').current().candidate('b', yesterday).issued(yesterday);
  const left = () => v('b').previous().issued(past).revokeAfter(T0, 'a', yesterday);

  test('a superseded credential stays alive until its successor is announced', () => {
    const found = dues(unannounced(), left());
    expect(found.filter(({ version }) => version?.id === id('b'))).toEqual([]);
    expect(dues(current(), left()).map(({ action }) => action)).toContain('revoke');
  });

  test('a compromised credential is revoked even if its successor cannot be announced', () => {
    const young = v('a').current().candidate('b', justNow).issued(justNow);
    const snapshot = aSnapshot(young, left().compromised(at(-HOUR)));
    expect(decide(aTarget(), snapshot, T0)).toMatchObject({
      action: 'announce',
      version: { id: id('a') },
    });
    const inVain = { tried: ({ action }: Due) => action === 'announce' };
    expect(decide(aTarget(), snapshot, T0, inVain)).toMatchObject({
      action: 'revoke',
      version: { id: id('b') },
    });
  });

  test('a promotion is announced even if its version was superseded again', () => {
    const again = v('b')
      .previous()
      .candidate('c', yesterday)
      .issued(yesterday)
      .revokeAfter(at(HOUR), 'a', justNow);
    expect(decided(v('a').current().issued(justNow), again)).toMatchObject({
      action: 'announce',
      version: { id: id('b') },
    });
    const found = dues(v('a').current().issued(justNow), again).filter(
      ({ version }) => version?.id === id('b'),
    );
    expect(found.map(({ action }) => action)).toEqual(['announce']);
  });

  test('an unannounced promotion is revoked once it is compromised and superseded', () => {
    const leaked = v('b')
      .candidate('c', yesterday)
      .issued(yesterday)
      .compromised(at(-HOUR))
      .revokeAfter(T0, 'a', justNow);
    const found = dues(v('a').current().issued(justNow), leaked).filter(
      ({ version }) => version?.id === id('b'),
    );
    expect(found.map(({ action }) => action)).toContain('revoke');
  });

  test('an unannounced promotion keeps its grace if a person stored another value after it', () => {
    const pushedAside = v('b')
      .previous()
      .candidate('a', at(-20 * MINUTE))
      .issued(at(-20 * MINUTE));
    const found = dues(v('c').current(), pushedAside).filter(
      ({ version }) => version?.id === id('b'),
    );
    expect(found.map(({ action }) => action)).toContain('retire');
    expect(found.map(({ action }) => action)).not.toContain('discard');
  });
});
