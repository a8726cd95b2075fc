import { describe, expect, test } from 'vitest';
import { decide, limitOf } from '../../../lib/core/decide/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
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

const past = at(-9 * DAY);
const current = () => v('a').current().issued(at(-DAY));
const left = (until = at(9 * HOUR)) => v('b').issued(past).revokeAfter(until);
const two = aTarget({ liveAtOnce: 2 });
const decided = (target: Target, ...versions: VersionBuilder[]) =>
  decide(target, aSnapshot(...versions), T0);

describe('the rest after a credential', () => {
  const young = (reason = 'too-old', ago = 14 * MINUTE) =>
    v('a').current().issued(at(-ago), { reason });

  test('a request is carried out 15 minutes after the last credential, at the earliest', () => {
    expect(decided(aTarget(), young().requested(T0))).toMatchObject({
      action: 'wait',
      reason: 'too-soon',
      at: at(MINUTE),
    });
    expect(decided(aTarget(), young('too-old', 15 * MINUTE).requested(T0))).toMatchObject({
      action: 'rotate',
    });
  });

  test('a request waits 15 minutes after the last credential of any version', () => {
    const discarded = v('b')
      .issued(at(-5 * MINUTE))
      .discarded(at(HOUR), 'a');
    const decision = decided(aTarget(), current().requested(T0), discarded);
    expect(decision).toMatchObject({ reason: 'too-soon', at: at(10 * MINUTE) });
  });

  test('a compromise does not wait 15 minutes, but a second one does', () => {
    expect(decided(aTarget(), young().compromised(T0))).toMatchObject({
      action: 'rotate',
      reason: 'compromised',
    });
    const again = young('compromised', 4 * MINUTE).compromised(T0);
    expect(decided(aTarget(), again)).toMatchObject({
      action: 'wait',
      reason: 'too-soon',
      at: at(11 * MINUTE),
    });
    expect(decided(aTarget(), young('compromised', 15 * MINUTE).compromised(T0))).toMatchObject({
      action: 'rotate',
    });
  });
});

describe('at the provider’s limit of live credentials', () => {
  const gone = at(9 * HOUR + DAY);

  test('at the provider’s limit, a rotation waits until a credential is deleted', () => {
    const full = decided(two, current().requested(T0), left());
    expect(full).toMatchObject({ action: 'wait', next: { action: 'warn' } });
    const warned = decided(two, current().requested(T0), left().warned(T0));
    expect(warned).toMatchObject({ action: 'wait', at: at(9 * HOUR), next: { action: 'revoke' } });
    const soaking = decided(two, current().requested(T0), left(T0).disabled(T0));
    expect(soaking).toMatchObject({ action: 'wait', at: at(DAY), reason: 'too-many-alive' });
    const ledger = parseLedger(aSnapshot(current(), left()));
    expect(limitOf(two, ledger, T0, 'requested')).toEqual({
      reason: 'too-many-alive',
      until: gone,
    });
  });

  test('a disabled credential loses its soak only if AWSCURRENT is dead and needs its room', () => {
    const disabled = () => left(T0).disabled(T0);
    const inItsGrace = () =>
      v('c')
        .issued(at(-2 * DAY))
        .revokeAfter(at(HOUR))
        .warned(T0);
    for (const dead of [
      current().refused(T0, 2),
      v('a').current().issued(past, { expiresAt: T0 }),
      v('a').current(),
    ]) {
      const decision = decided(two, dead, disabled(), inItsGrace());
      expect(decision).toMatchObject({
        action: 'delete',
        reason: 'room-needed',
        version: { id: id('b') },
      });
    }
    expect(decided(two, current().requested(T0), disabled())).toMatchObject({
      action: 'wait',
      reason: 'too-many-alive',
    });
    expect(decided(aTarget(), current().refused(T0, 2), disabled(), inItsGrace())).toMatchObject({
      action: 'rotate',
    });
  });

  test('a dead current credential takes no room: its successor is issued at once', () => {
    for (const other of [left(), left(T0).disabled(T0)]) {
      const refused = decided(two, current().refused(T0, 2), other.copy());
      expect(refused).toMatchObject({ action: 'rotate', reason: 'unhealthy' });
      expect(refused).not.toHaveProperty('gate');
      const expired = v('a').current().issued(past, { expiresAt: T0 });
      expect(decided(two, expired, other.copy())).toMatchObject({
        action: 'rotate',
        reason: 'expiring',
      });
    }
    // after one refusal it may be alive
    expect(
      limitOf(two, parseLedger(aSnapshot(current().refused(T0, 1), left())), T0, 'requested'),
    ).toBeDefined();
  });

  test('an expired credential takes no room, even before its labels are removed', () => {
    const expired = v('b').issued(past, { expiresAt: T0 }).revokeAfter(at(HOUR));
    expect(
      limitOf(two, parseLedger(aSnapshot(current(), expired)), T0, 'requested'),
    ).toBeUndefined();
  });

  test('at the provider’s limit, a compromised credential ends at once and makes room', () => {
    expect(decided(two, current().compromised(T0), left())).toMatchObject({
      action: 'revoke',
      reason: 'revocation-due',
    });
    const disabled = left(T0).disabled(T0);
    expect(decided(two, current().compromised(T0), disabled)).toMatchObject({
      action: 'delete',
      reason: 'soaked',
    });
  });

  test('at the provider’s limit, a rotation fails with an event if revocations fail', () => {
    const failing = left(T0).backoff(1, T0, at(HOUR), 'revoke-backoff');
    expect(decided(two, current().requested(T0), failing)).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
    expect(limitOf(two, parseLedger(aSnapshot(current(), failing)), T0, 'requested')).toEqual({
      reason: 'too-many-alive',
    });
  });

  test('credentials confirmed as deleted, or at another place, do not count as alive', () => {
    const confirmed = left(T0).backoff(1, T0, at(HOUR), 'revoke-backoff', 'unproven', {
      confirmedAt: T0,
    });
    const elsewhere = v('b')
      .issued(past, { place: 'place000' })
      .revokeAfter(at(9 * HOUR));
    for (const other of [confirmed, elsewhere])
      expect(
        limitOf(two, parseLedger(aSnapshot(current(), other)), T0, 'requested'),
      ).toBeUndefined();
  });
});
