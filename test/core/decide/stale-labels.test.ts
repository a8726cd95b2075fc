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

describe('on the current version', () => {
  test('labels of an earlier life of it are taken off, the retirement last', () => {
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

  test('what was asked for since then stays', () => {
    const [version] = read(current().requested(T0).revokeAfter(at(HOUR), 'c', yesterday)).versions;
    if (!version) throw new Error('no version');
    expect(staleLabelsOf(version)).toEqual(labelsOf(version, 'revoke-after'));
  });

  test('nothing is taken off while a candidate is under way, whose promotion may have put it there', () => {
    const retired = current().revokeAfter(at(DAY), 'b', T0);
    const found = agenda({
      target: aTarget(),
      ledger: read(retired, v('b').candidate('a', T0).issued(T0)),
      now: T0,
    });
    expect(found.map(({ action }) => action)).not.toContain('forget');
    expect(decide(aTarget(), aSnapshot(retired), T0)).toMatchObject({ action: 'forget' });
  });

  test('a target that came back to the fleet was not removed any more', () => {
    expect(decide(aTarget(), aSnapshot(current().removed(yesterday)), T0)).toMatchObject({
      action: 'forget',
      reason: 'untidy',
    });
  });
});
