import { describe, expect, test } from 'vitest';
import { parseLedger, type Version } from '../../../lib/core/ledger/index.ts';
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

const read = (...versions: VersionBuilder[]): Version => {
  const [version] = parseLedger(aSnapshot(...versions)).versions;
  if (!version) throw new Error('no version');
  return version;
};

/*
 * A label is attached before the label that it replaces is removed, so a crash leaves both. Secrets
 * Manager promises no order.
 */
describe('two labels of one kind on a version', () => {
  const orders = (...stages: string[]) =>
    [stages, stages.toReversed()].map((order) => read(v('a').stage(...order)));

  test('of two backoff labels the later counts, or the one with more failures', () => {
    const [same, later] = [
      v('a').backoff(2, T0, T0).backoff(1, T0, T0),
      v('a').backoff(1, at(MINUTE), T0).backoff(2, T0, T0),
    ];
    expect(orders(...same.stages).map(({ backoff }) => backoff?.failures)).toEqual([2, 2]);
    expect(orders(...later.stages).map(({ backoff }) => backoff?.failures)).toEqual([1, 1]);
  });

  test('of two requests, reports or rollbacks the later counts', () => {
    const { stages } = v('a')
      .requested(T0)
      .requested(at(MINUTE))
      .compromised(T0)
      .compromised(at(MINUTE));
    for (const { requested, reported } of orders(...stages))
      expect([requested?.at, reported?.at]).toEqual([at(MINUTE), at(MINUTE)]);
    for (const { rollback } of orders(...v('a').rollback(T0, 'b').rollback(at(MINUTE), 'c').stages))
      expect(rollback?.to).toBe(id('c'));
  });

  test('of two labels of one request the one with the gate counts', () => {
    const { stages } = v('a').requested(T0).requested(T0, undefined, 'too-soon');
    for (const { requested } of orders(...stages)) expect(requested?.held).toBe('too-soon');
    const again = v('a').compromised(T0, undefined, 'too-soon').compromised(at(MINUTE));
    for (const { reported } of orders(...again.stages)) expect(reported?.held).toBeUndefined();
  });

  test('of two labels of refusals the one with more refusals counts', () => {
    for (const { refused } of orders(...v('a').refused(T0, 2).refused(at(MINUTE), 1).stages))
      expect(refused?.times).toBe(2);
  });

  test('of two retirements the one written later counts, even if its end is earlier', () => {
    const { stages } = v('a').revokeAfter(at(DAY), 'b', T0).revokeAfter(at(HOUR), 'c', at(MINUTE));
    for (const { revokeAfter } of orders(...stages)) expect(revokeAfter).toEqual(at(HOUR));
  });

  test('of two retirements in the same second the later end counts, in either order', () => {
    const { stages } = v('a').revokeAfter(at(HOUR), 'b', T0).revokeAfter(at(DAY), 'c', T0);
    for (const { revokeAfter } of orders(...stages)) expect(revokeAfter).toEqual(at(DAY));
  });

  test('the order in which Secrets Manager lists labels does not matter', () => {
    const twice = [
      v('a').disabled(T0).disabled(at(MINUTE)),
      v('a').candidate('b', T0, 'rollback').candidate('b', at(MINUTE), 'rollback'),
      v('a').refused(T0, 2).refused(at(MINUTE), 2),
      v('a').warned(T0).warned(at(MINUTE)),
    ];
    for (const { stages } of twice) {
      const [there, back] = orders(...stages).map(({ labels: _, ...rest }) => rest);
      expect(there).toEqual(back);
    }
  });
});
