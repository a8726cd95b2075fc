import { describe, expect, test } from 'vitest';
import { agenda } from '../../../lib/core/decide/index.ts';
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
/** The actions that are due now, in the order of priority. */
function order(...versions: VersionBuilder[]) {
  const dues = agenda({ target: aTarget(), ledger: parseLedger(aSnapshot(...versions)), now: T0 })
    .filter(({ at: time, gate }) => time <= T0 && !gate)
    .map(({ action, version }) => `${action} ${version?.id.charAt(0) ?? ''}`);
  return [...new Set(dues)];
}

describe('the order of priority', () => {
  test('AWSCURRENT, announcements, compromised, superseded, labels: in this order', () => {
    const current = v('a')
      .current()
      .candidate('b', yesterday)
      .issued(yesterday)
      .refused(yesterday, 2);
    const leaked = v('b')
      .issued(past)
      .revokeAfter(yesterday, 'a', yesterday)
      .compromised(at(-2 * DAY));
    const left = v('c').issued(yesterday).revokeAfter(yesterday);
    const found = order(current, leaked, left, v('d').revokeAfter(past));
    expect(found).toEqual(['rotate a', 'announce a', 'revoke b', 'revoke c', 'forget d']);
  });

  test('a failing announcement does not delay a critical rotation', () => {
    const expired = v('a').current().candidate('b', past).issued(past, { expiresAt: yesterday });
    expect(order(expired)).toEqual(['rotate a', 'announce a']);
    expect(order(v('a').current().candidate('b', past).issued(past).compromised(T0))).toEqual([
      'rotate a',
      'announce a',
    ]);
  });

  test('an announcement comes before a rotation that can wait', () => {
    expect(order(v('a').current().candidate('b', past).issued(past).requested(T0))).toEqual([
      'announce a',
      'rotate a',
    ]);
  });

  test('a cleanup does not delay a rotation, and a rotation does not delay a rollback', () => {
    const left = v('b').issued(past).revokeAfter(T0);
    expect(order(v('a').current().issued(yesterday).requested(T0), left)).toEqual([
      'rotate a',
      'revoke b',
    ]);
    const asked = v('a').current().issued(yesterday).requested(T0).rollback(T0, 'c');
    const back = v('c').previous().issued(past).revokeAfter(at(HOUR)).warned(T0);
    expect(order(asked, left, back)).toEqual(['rollback a', 'rotate a', 'revoke b']);
  });

  test('a compromised credential is replaced first, and older ones end with it', () => {
    const found = order(
      v('a').current().issued(yesterday).compromised(T0),
      v('b').previous().issued(past).revokeAfter(at(HOUR)),
      v('c').issued(past).revokeAfter(at(-DAY)).disabled(at(-DAY)),
    );
    expect(found).toEqual(['rotate a', 'revoke b', 'delete c']);
  });

  test('a version superseded by hand gets its revocation time before a rotation', () => {
    expect(order(v('a').current(), v('b').previous().issued(past))).toEqual([
      'retire b',
      'rotate a',
    ]);
  });

  test('a current credential marked as disabled is enabled first', () => {
    const current = v('a').current().issued(past).disabled(yesterday).compromised(T0);
    expect(order(current)).toEqual(['enable a', 'rotate a']);
  });

  test('an unannounced failure is announced after an unannounced promotion', () => {
    const untold = v('a')
      .current()
      .candidate('b', yesterday)
      .issued(yesterday)
      .backoff(1, justNow, justNow, 'backoff', 'refused', { untold: 'verify' });
    expect(order(untold)).toEqual(['announce a', 'report a']);
  });

  test('an unannounced failure comes after a compromise, before a rotation that can wait', () => {
    const untold = () =>
      v('a')
        .current()
        .issued(at(-HOUR))
        .requested(T0)
        .backoff(1, justNow, justNow, 'backoff', 'refused', { untold: 'verify' });
    const leaked = v('b').issued(past).revokeAfter(at(HOUR)).compromised(yesterday);
    const left = v('c').issued(at(-HOUR)).revokeAfter(justNow);
    expect(order(untold(), leaked, left)).toEqual(['revoke b', 'report a', 'rotate a', 'revoke c']);
  });

  test('an unannounced failed revocation is not announced once the credential is dead', () => {
    const dead = v('b')
      .revokeAfter(justNow)
      .backoff(1, justNow, justNow, 'revoke-backoff', 'refused', { untold: 'revoke' });
    expect(order(v('a').current().issued(yesterday), dead)).toEqual([]);
  });
});
