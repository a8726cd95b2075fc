import { describe, expect, test } from 'vitest';
import { agenda, decide, staleLabelsOf } from '../../../lib/core/decide/index.ts';
import { labelsOf, parseLedger } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const yesterday = at(-DAY);
const current = () => v('a').current().issued(yesterday);
const read = (...versions: VersionBuilder[]) => parseLedger(aSnapshot(...versions));

describe('stale labels on the current version', () => {
  test('labels of an earlier life of the current version are removed, the retirement last', () => {
    const back = current()
      .requested(past)
      .backoff(1, past, past)
      .warned(past)
      .revokeAfter(at(HOUR), 'c', yesterday);
    expect(decide(aTarget(), aSnapshot(back), T0)).toMatchObject({
      action: 'forget',
      reason: 'untidy',
    });
    const [version] = read(back).versions;
    if (!version) throw new Error('no version');
    const kinds = staleLabelsOf(version).map((label) => label.split(':')[2]);
    expect(kinds).toEqual(['requested', 'backoff', 'warned', 'revoke-after']);
  });

  test('a request that came after the current version returned keeps its label', () => {
    const [version] = read(current().requested(T0).revokeAfter(at(HOUR), 'c', yesterday)).versions;
    if (!version) throw new Error('no version');
    expect(staleLabelsOf(version)).toEqual(labelsOf(version, 'revoke-after'));
  });

  test('no stale label is removed while a candidate exists, whose promotion may need it', () => {
    const retired = current().revokeAfter(at(DAY), 'b', T0);
    const found = agenda({
      target: aTarget(),
      ledger: read(retired, v('b').candidate('a', T0).issued(T0)),
      now: T0,
    });
    expect(found.map(({ action }) => action)).not.toContain('forget');
    expect(decide(aTarget(), aSnapshot(retired), T0)).toMatchObject({ action: 'forget' });
  });

  test('a target that returned to the fleet loses the label of its removal', () => {
    expect(decide(aTarget(), aSnapshot(current().removed(yesterday)), T0)).toMatchObject({
      action: 'forget',
      reason: 'untidy',
    });
  });
});
