import { describe, expect, test } from 'vitest';
import { agenda, decide } from '../../../lib/core/decide/index.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const justNow = at(-MINUTE);
const past = at(-9 * DAY);
const yesterday = at(-DAY);
const current = () => v('a').current().issued(yesterday);
const read = (...versions: VersionBuilder[]) => parseLedger(aSnapshot(...versions));

describe('a target that left the fleet', () => {
  const retired = aTarget({ retired: true, grace: 0, compromisedGrace: 0 });
  const decided = (...versions: VersionBuilder[]) => decide(retired, aSnapshot(...versions), T0);

  test('a retired target keeps its credential until no worker can know the target', () => {
    expect(decided(current().removed(justNow))).toMatchObject({
      action: 'wait',
      at: at(14 * MINUTE),
    });
    expect(decided(current().removed(at(-15 * MINUTE)))).toMatchObject({
      action: 'vacate',
      reason: 'target-removed',
    });
  });

  test('a retired target is announced once all its credentials are dead', () => {
    expect(
      decided(v('a').current().retired(yesterday), v('b').issued(past).revokeAfter(at(HOUR))),
    ).toMatchObject({
      action: 'wait',
    });
    expect(decided(v('a').current().retired(yesterday))).toMatchObject({
      action: 'announce',
      reason: 'target-removed',
    });
    expect(decided(v('a').current().retired(yesterday).removed(T0))).toMatchObject({
      action: 'wait',
      reason: 'waiting',
    });
  });

  test('a retired target is not rotated, checked or rolled back', () => {
    const labeled = current()
      .removed(T0)
      .requested(T0)
      .refused(past, 1)
      .rollback(T0, 'b')
      .compromised(T0);
    const found = agenda({
      target: retired,
      ledger: read(labeled, v('b').issued(past).revokeAfter(at(HOUR))),
      now: T0,
    });
    for (const action of ['rotate', 'check', 'rollback'])
      expect(found.map((due) => due.action)).not.toContain(action);
  });
});
