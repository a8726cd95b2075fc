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

describe('a revocation is given up', () => {
  test('three days after the provider confirmed an end that cannot be proven', () => {
    const confirmed = (ago: number) => failing('b', { confirmedAt: at(-ago) });
    expect(decided(current(), confirmed(3 * DAY - 1000))).toMatchObject({ action: 'wait' });
    expect(decided(current(), confirmed(3 * DAY))).toMatchObject({
      action: 'abandon',
      reason: 'unproven',
    });
  });

  test('three days after the end of what lives at a place that is out of reach', () => {
    const lost = (ago: number) => failing('b', { code: 'out-of-reach', revokeAfter: at(-ago) });
    expect(abandoned(current(), lost(3 * DAY - 1000))).toEqual([]);
    expect(abandoned(current(), lost(3 * DAY))).toEqual(['b']);
  });

  test('never, as long as the provider does not confirm it and there is room', () => {
    expect(
      abandoned(current().requested(T0), failing('b', { failures: 99, code: 'provider-failed' })),
    ).toEqual([]);
  });

  test('as soon as its labels are in the way of a rotation, before that is tried', () => {
    expect(decided(...inTheWay(failing('b')))).toMatchObject({
      action: 'abandon',
      version: { id: id('b') },
    });
  });

  test('not after a hiccup or two', () => {
    expect(abandoned(...inTheWay(failing('b', { failures: 2 })))).toEqual([]);
  });

  test('without a hiccup where it has expired, and before all others', () => {
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

  test('not where no rotation is wanted, nor while a candidate is under way', () => {
    const crowd = inTheWay(failing('b'));
    const young = v('a')
      .current()
      .issued(at(-DAY))
      .stage(...(crowd[0]?.stages.slice(3) ?? []));
    expect(abandoned(young, failing('b'))).toEqual([]);
    expect(abandoned(...crowd, v('c').candidate('a', T0).issued(T0))).toEqual([]);
  });

  test('one at a time: first what the provider has ended, then what was superseded long ago, the compromised last', () => {
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

  test('and is no reason not to go on trying until then', () => {
    const due = failing('b', { confirmedAt: at(-DAY) });
    expect(decide(aTarget(), aSnapshot(current(), due), at(HOUR))).toMatchObject({
      action: 'revoke',
    });
  });
});
