import { describe, expect, test } from 'vitest';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
  at,
  DAY,
  HOUR,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const yesterday = at(-DAY);
const read = (...versions: VersionBuilder[]) => parseLedger(aSnapshot(...versions));
/** Since when each of these versions is known to be compromised. */
const since = (...versions: VersionBuilder[]) =>
  read(...versions).versions.map(({ compromisedAt }) => compromisedAt);

describe('one report of compromise', () => {
  test('a report covers every credential issued until then, on any version', () => {
    const before = v('b').issued(past).revokeAfter(at(DAY));
    const disabled = v('c').issued(past).revokeAfter(yesterday).disabled(yesterday);
    const candidate = v('d').candidate('a', T0).issued(T0);
    expect(
      since(v('a').current().issued(yesterday).compromised(T0), before, disabled, candidate),
    ).toEqual([T0, T0, T0, T0]);
    expect(since(v('a').current().issued(yesterday), before.compromised(T0), disabled)).toEqual([
      T0,
      T0,
      T0,
    ]);
  });

  test('a report does not cover credentials issued after it', () => {
    expect(since(v('a').current().issued(at(1000)), v('b').issued(past).compromised(T0))).toEqual([
      undefined,
      T0,
    ]);
  });

  test('a report on a dead version covers live credentials, but no dead version', () => {
    expect(
      since(v('a').current().issued(yesterday), v('b').revokeAfter(past).compromised(T0)),
    ).toEqual([T0, undefined]);
    expect(since(v('a').current().compromised(T0))).toEqual([undefined]);
  });

  test('of several reports, the first after a credential was issued counts', () => {
    const ledger = read(
      v('a')
        .current()
        .issued(at(-2 * HOUR))
        .compromised(T0),
      v('b')
        .issued(past)
        .compromised(at(-3 * HOUR)),
      v('c')
        .issued(at(-2.5 * HOUR))
        .compromised(at(-HOUR)),
    );
    expect(ledger.versions.map(({ compromisedAt }) => compromisedAt)).toEqual([
      at(-HOUR),
      at(-3 * HOUR),
      at(-HOUR),
    ]);
    expect(ledger.reportedAt).toEqual(T0);
  });

  test('a repeated report keeps its first time for older credentials', () => {
    const repeated = v('a')
      .current()
      .issued(yesterday)
      .compromised(T0, undefined, undefined, at(-HOUR));
    const young = v('b').issued(at(-MINUTE)).discarded(at(HOUR), 'a', at(-MINUTE));
    expect(since(repeated, v('c').issued(past).revokeAfter(at(DAY)), young)).toEqual([
      at(-HOUR),
      at(-HOUR),
      T0,
    ]);
    expect(read(repeated).reportedAt).toEqual(T0);
  });

  test('a later rollback does not undo a report', () => {
    const back = v('b')
      .current()
      .candidate('a', at(MINUTE), 'rollback')
      .issued(past)
      .revokeAfter(at(DAY), 'a', yesterday);
    expect(
      since(
        back,
        v('a').issued(yesterday).compromised(T0).revokeAfter(at(DAY), 'b', at(MINUTE), 'rollback'),
      ),
    ).toEqual([T0, T0]);
  });
});
