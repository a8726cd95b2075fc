import { describe, expect, test } from 'vitest';
import { agenda, decide } from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  id,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const current = () => v('a').current().issued(at(-DAY));
interface Failing {
  readonly failures?: number;
  readonly code?: ErrorCode;
  readonly confirmedAt?: Date;
  readonly revokeAfter?: Date;
}
/** Its revocation is failing, and waits for an hour. */
const failing = (
  letter: string,
  { failures = 3, code = 'unproven', confirmedAt, revokeAfter = past }: Failing = {},
) =>
  v(letter)
    .issued(at(-20 * DAY))
    .revokeAfter(revokeAfter)
    .backoff(failures, T0, at(HOUR), 'revoke-backoff', code, {
      ...(confirmedAt && { confirmedAt }),
    });
const decided = (...versions: VersionBuilder[]) => decide(aTarget(), aSnapshot(...versions), T0);
const abandoned = (...versions: VersionBuilder[]) =>
  agenda({ target: aTarget(), ledger: parseLedger(aSnapshot(...versions)), now: T0 })
    .filter(({ action, at: time }) => action === 'abandon' && time <= T0)
    .map(({ version }) => version?.id.charAt(0));
/** A rotation is wanted, and there is no room for its labels. */
function inTheWay(...versions: VersionBuilder[]) {
  const asked = current().requested(T0);
  for (let n = 0; parseLedger(aSnapshot(asked, ...versions)).free > 2; n++)
    asked.stage(`somebody-elses-${n}`);
  return [asked, ...versions];
}

describe('abandoning a revocation', () => {
  test('a revocation is abandoned 3 days after the provider confirmed an unprovable end', () => {
    const confirmed = (ago: number) => failing('b', { confirmedAt: at(-ago) });
    expect(decided(current(), confirmed(3 * DAY - 1000))).toMatchObject({ action: 'wait' });
    expect(decided(current(), confirmed(3 * DAY))).toMatchObject({
      action: 'abandon',
      reason: 'unproven',
    });
  });

  test('a revocation out of reach is abandoned 3 days after its end', () => {
    const lost = (ago: number) => failing('b', { code: 'out-of-reach', revokeAfter: at(-ago) });
    expect(abandoned(current(), lost(3 * DAY - 1000))).toEqual([]);
    expect(abandoned(current(), lost(3 * DAY))).toEqual(['b']);
  });

  test('an unconfirmed revocation is never abandoned while there is room', () => {
    expect(
      abandoned(current().requested(T0), failing('b', { failures: 99, code: 'provider-failed' })),
    ).toEqual([]);
  });

  test('a revocation is abandoned as soon as a rotation needs its labels', () => {
    expect(decided(...inTheWay(failing('b')))).toMatchObject({
      action: 'abandon',
      version: { id: id('b') },
    });
  });

  test('a revocation is not abandoned after one or two failures', () => {
    expect(abandoned(...inTheWay(failing('b', { failures: 2 })))).toEqual([]);
  });

  test('the revocation of an expired credential is abandoned first, after one failure', () => {
    const expired = (time: number) =>
      v('b')
        .issued(past, { expiresAt: at(time) })
        .revokeAfter(at(-DAY))
        .backoff(1, T0, at(HOUR), 'revoke-backoff', 'unproven')
        .compromised(past);
    expect(abandoned(...inTheWay(expired(HOUR)))).toEqual([]);
    expect(abandoned(...inTheWay(failing('c', { confirmedAt: T0 }), expired(-HOUR)))).toEqual([
      'b',
    ]);
  });

  test('no revocation is abandoned without a due rotation, or while a candidate exists', () => {
    const crowd = inTheWay(failing('b'));
    const young = v('a')
      .current()
      .issued(at(-DAY))
      .stage(...(crowd[0]?.stages.slice(3) ?? []));
    expect(abandoned(young, failing('b'))).toEqual([]);
    expect(abandoned(...crowd, v('c').candidate('a', T0).issued(T0))).toEqual([]);
  });

  test('revocations are abandoned one at a time: confirmed, then oldest, compromised last', () => {
    const confirmed = () => failing('b', { confirmedAt: T0 });
    const long = () => failing('c', { revokeAfter: at(-20 * DAY) });
    const lately = () => failing('d');
    expect(abandoned(...inTheWay(lately(), long(), confirmed()))).toEqual(['b']);
    expect(abandoned(...inTheWay(lately(), long()))).toEqual(['c']);
    const leaked = failing('c', { revokeAfter: at(-20 * DAY) }).compromised(at(-10 * DAY));
    const later = v('d')
      .issued(past)
      .revokeAfter(at(-DAY))
      .backoff(3, T0, at(HOUR), 'revoke-backoff');
    expect(abandoned(...inTheWay(leaked, later))).toEqual(['d']);
  });

  test('a failing revocation is retried until it is abandoned', () => {
    const due = failing('b', { confirmedAt: at(-DAY) });
    expect(decide(aTarget(), aSnapshot(current(), due), at(HOUR))).toMatchObject({
      action: 'revoke',
    });
  });
});
