import { expect, test } from 'vitest';
import { renewalTime } from '../../../lib/core/decide/renewal.ts';
import { aTarget, at, DAY, HOUR, MINUTE, T0 } from '../../support/snapshot.ts';

const renewal = (life: number, grace: number) =>
  renewalTime(aTarget({ grace }), {
    id: 'credential-1',
    spec: 'cafe0001',
    reason: 'too-old',
    issuedAt: T0,
    expiresAt: at(life),
  });

test('a credential is renewed once its grace and 15 minutes are left of its life', () => {
  expect(renewal(5 * DAY, DAY)).toEqual(at(4 * DAY - 15 * MINUTE));
});

test('a credential is renewed no sooner than at half its life, however long the grace is', () => {
  expect(renewal(12 * HOUR, 12 * HOUR)).toEqual(at(6 * HOUR));
  expect(renewal(20 * MINUTE, 0)).toEqual(at(10 * MINUTE));
});

test('a credential that does not expire is not renewed for that', () => {
  expect(
    renewalTime(aTarget(), {
      id: 'credential-1',
      spec: 'cafe0001',
      reason: 'too-old',
      issuedAt: T0,
    }),
  ).toBeUndefined();
});
