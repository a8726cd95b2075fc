import { describe, expect, test } from 'vitest';
import { agenda, decide, labelsNeeded, limitOf } from '../../../lib/core/decide/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { LABEL_LIMIT, parseLedger } from '../../../lib/core/ledger/index.ts';
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

const past = at(-9 * DAY);
const current = () => v('a').current().issued(at(-DAY));
const left = (until = at(9 * HOUR)) => v('b').issued(past).revokeAfter(until);
const decided = (target: Target, ...versions: VersionBuilder[]) =>
  decide(target, aSnapshot(...versions), T0);
/** Adds foreign labels until only `free` labels are free. */
function fewFree(free: number, ...versions: VersionBuilder[]) {
  const [first] = versions;
  for (let number = 0; parseLedger(aSnapshot(...versions)).free > free; number++)
    first?.stage(`foreign-${number}`);
  return versions;
}

describe('at the limit of staging labels', () => {
  test('at the label limit, a rotation is tried and fails with an event', () => {
    const snapshot = aSnapshot(...fewFree(3, current().requested(T0)));
    expect(decide(aTarget(), snapshot, T0)).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
    expect(limitOf(aTarget(), parseLedger(snapshot), T0, 'requested')).toEqual({
      reason: 'label-limit',
    });
  });

  test('at the label limit, a rotation waits for the end of a superseded credential', () => {
    const crowd = () => fewFree(2, current().requested(T0), left(at(HOUR)).previous().warned(T0));
    const until = at(HOUR + DAY);
    expect(limitOf(aTarget(), parseLedger(aSnapshot(...crowd())), T0, 'requested')).toEqual({
      reason: 'label-limit',
      until,
    });
    const waits = { action: 'wait', at: at(HOUR), next: { action: 'revoke' } };
    expect(decided(aTarget(), ...crowd())).toMatchObject(waits);
    const rotations = agenda({
      target: aTarget(),
      ledger: parseLedger(aSnapshot(...crowd())),
      now: T0,
    });
    expect(rotations.find(({ reason }) => reason === 'requested')).toMatchObject({
      at: until,
      gate: 'label-limit',
    });
  });

  test('at the label limit, a rotation is tried if the pending revocation fails', () => {
    const failing = left(T0).previous().backoff(1, T0, at(HOUR), 'revoke-backoff');
    const snapshot = aSnapshot(...fewFree(2, current().requested(T0), failing));
    expect(limitOf(aTarget(), parseLedger(snapshot), T0, 'requested')).toEqual({
      reason: 'label-limit',
    });
    expect(decide(aTarget(), snapshot, T0)).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
  });

  test('at the label limit, a disabled credential is deleted at once if AWSCURRENT is dead', () => {
    const crowd = fewFree(2, current().refused(T0, 2), left(T0).previous().disabled(T0));
    expect(decided(aTarget(), ...crowd)).toMatchObject({ action: 'delete', reason: 'room-needed' });
  });

  test('a failure at the label limit starts a backoff', () => {
    const failed = current()
      .requested(at(-HOUR))
      .backoff(1, T0, at(MINUTE), 'backoff', 'label-limit');
    expect(decided(aTarget(), ...fewFree(0, failed))).toMatchObject({
      action: 'wait',
      reason: 'backing-off',
    });
  });

  test('labels needed: AWSPREVIOUS if no version has it, AWSPENDING for Secrets Manager', () => {
    const needed = (change: Partial<Target>, ...versions: VersionBuilder[]) =>
      labelsNeeded(aTarget(change), parseLedger(aSnapshot(current(), ...versions)));
    const native = { driver: 'secrets-manager' } as const;
    expect(needed({})).toBe(4);
    expect(needed({}, left().previous())).toBe(3);
    expect(needed(native, left().previous())).toBe(4);
    expect(needed(native, left().previous(), v('c').staged())).toBe(3);
    expect(LABEL_LIMIT).toBe(20);
  });

  test('at the label limit, a retired target waits for room', () => {
    const retired = aTarget({ retired: true, grace: 0 });
    expect(decided(retired, current())).toMatchObject({
      action: 'vacate',
      reason: 'target-removed',
    });
    expect(decided(retired, ...fewFree(2, current()))).toMatchObject({
      action: 'wait',
      reason: 'label-limit',
    });
  });
});
