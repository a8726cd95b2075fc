import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import type { Snapshot } from '../../../lib/core/ports.ts';
import { measure } from '../../../lib/core/sweep/measure.ts';
import { PACE, paced } from '../../../lib/core/sweep/pace.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  MINUTE,
  noDoubts,
  T0,
  v,
} from '../../support/snapshot.ts';

const seen = (snapshot: Snapshot | undefined, target: Target = aTarget()) => ({
  targets: [{ target, snapshot, decision: decide(target, snapshot, T0) }],
  removed: [],
  doubts: noDoubts,
});
const healthy = () => v('a').current().issued(at(-DAY));
const kinds = (snapshot: Snapshot | undefined, target?: Target) =>
  measure(seen(snapshot, target), T0).troubles.map(({ kind }) => kind);

describe('the measures of a sweep', () => {
  test('a healthy target has an age and no trouble', () => {
    expect(measure(seen(aSnapshot(healthy())), T0)).toEqual({
      troubles: [],
      ages: [{ target: 'app', provider: 'ionos', age: DAY, interval: 30 * DAY }],
      removed: [],
    });
  });

  test('two failures of a rotation are a hiccup, three are a trouble', () => {
    const failed = (times: number) => aSnapshot(healthy().backoff(times, T0, at(HOUR)));
    expect(kinds(failed(2))).toEqual([]);
    expect(kinds(failed(3))).toEqual(['failing']);
  });

  test('three failures of a revocation are a trouble', () => {
    const old = v('b')
      .issued(at(-31 * DAY))
      .revokeAfter(at(-MINUTE))
      .backoff(3, T0, at(HOUR), 'revoke-backoff');
    expect(kinds(aSnapshot(healthy(), old))).toEqual(['failing']);
  });

  test('a failure for former parameters is no trouble', () => {
    expect(
      kinds(aSnapshot(healthy().backoff(5, T0, at(HOUR))), aTarget({ spec: 'beef0002' })),
    ).toEqual([]);
  });

  test.each<[ErrorCode, boolean]>([
    ['admin-refused', true],
    ['admin-missing', true],
    ['forbidden', true],
    ['throttled', false],
  ])('the error %s at the first failure is a trouble of the admin secret: %s', (code, expected) => {
    const { troubles } = measure(
      seen(aSnapshot(healthy().backoff(1, T0, at(HOUR), 'backoff', code))),
      T0,
    );
    expect(troubles.map(({ detail }) => detail)).toEqual(expected ? ['admin/ionos'] : []);
  });

  test('a revocation is overdue an hour after its time, or an hour after its soak', () => {
    const old = (revokeAfter: Date) =>
      v('b')
        .issued(at(-31 * DAY))
        .revokeAfter(revokeAfter)
        .warned(T0);
    expect(kinds(aSnapshot(healthy(), old(at(-59 * MINUTE))))).toEqual([]);
    expect(kinds(aSnapshot(healthy(), old(at(-61 * MINUTE))))).toEqual(['revocation-overdue']);
    expect(kinds(aSnapshot(healthy(), old(at(-DAY)).disabled(at(-DAY))))).toEqual([]);
    expect(kinds(aSnapshot(healthy(), old(at(-3 * DAY)).disabled(at(-DAY - 61 * MINUTE))))).toEqual(
      ['revocation-overdue'],
    );
  });

  test('a rotation that no wait will let through is blocked', () => {
    const old = () =>
      v('a')
        .current()
        .issued(at(-31 * DAY));
    const crowd = Array.from({ length: 16 }, (_, index) => `release-${index}`);
    const troubles = (snapshot: Snapshot, target?: Target) =>
      measure(seen(snapshot, target), T0).troubles.map(({ kind, detail }) => [kind, detail]);
    expect(troubles(aSnapshot(old()))).toEqual([]);
    expect(troubles(aSnapshot(old().stage(...crowd)))).toEqual([['blocked', 'label-limit']]);
    const other = () =>
      v('b')
        .issued(at(-32 * DAY))
        .revokeAfter(T0);
    expect(
      troubles(aSnapshot(old(), other()), aTarget({ liveAtOnce: 2 })),
      'it is about to end',
    ).toEqual([]);
    const failing = other().backoff(1, T0, at(HOUR), 'revoke-backoff');
    expect(troubles(aSnapshot(old(), failing), aTarget({ liveAtOnce: 2 }))).toEqual([
      ['blocked', 'too-many-alive'],
    ]);
    expect(troubles(aSnapshot(healthy().stage(...crowd)))).toEqual([]);
    const window = { cron: '0 3 * * *', timezone: 'UTC', duration: HOUR };
    expect(troubles(aSnapshot(old()), aTarget({ window }))).toEqual([]);
  });

  test('a blocked rotation is a trouble although other work is to come for the target', () => {
    const leaked = v('a').current().issued(at(-DAY)).compromised(at(-MINUTE));
    const other = v('b')
      .issued(at(-2 * DAY))
      .revokeAfter(at(HOUR))
      .warned(T0)
      .backoff(1, T0, at(HOUR), 'revoke-backoff');
    expect(kinds(aSnapshot(leaked, other), aTarget({ liveAtOnce: 2 }))).toEqual(['blocked']);
  });

  test('a credential that is alive half an hour after its compromise report is a trouble', () => {
    const leaked = (ago: number) => v('a').current().issued(at(-DAY)).compromised(at(-ago));
    expect(kinds(aSnapshot(leaked(29 * MINUTE)))).toEqual([]);
    expect(kinds(aSnapshot(leaked(31 * MINUTE)))).toEqual(['compromised-open']);
    const leaky = () =>
      v('b')
        .issued(at(-2 * DAY))
        .compromised(at(-31 * MINUTE))
        .revokeAfter(T0)
        .warned(T0);
    // issued since the report, which does not cover it
    const successor = () =>
      v('a')
        .current()
        .issued(at(-30 * MINUTE));
    expect(kinds(aSnapshot(successor(), leaky()))).toEqual(['compromised-open']);
    expect(kinds(aSnapshot(healthy(), leaky()))).toEqual(['compromised-open', 'compromised-open']);
    expect(kinds(aSnapshot(successor(), leaky().disabled(T0)))).toEqual([]);
    expect(kinds(aSnapshot(successor(), leaky()), aTarget({ compromisedGrace: HOUR }))).toEqual([]);
    expect(kinds(aSnapshot(healthy(), leaky()), aTarget({ compromisedGrace: HOUR }))).toEqual([
      'compromised-open',
    ]);
    const expired = v('b')
      .issued(at(-2 * DAY), { expiresAt: at(-MINUTE) })
      .compromised(at(-31 * MINUTE))
      .revokeAfter(T0);
    expect(kinds(aSnapshot(successor(), expired), aTarget({ revocable: false }))).toEqual([]);
  });

  test('an expiry-only credential is overdue an hour after its expiry, unless given up', () => {
    const old = (ago: number) =>
      v('b')
        .issued(at(-31 * DAY), { expiresAt: at(-ago) })
        .revokeAfter(at(-9 * DAY));
    const expiring = aTarget({ revocable: false });
    expect(kinds(aSnapshot(healthy(), old(59 * MINUTE)), expiring)).toEqual([]);
    expect(kinds(aSnapshot(healthy(), old(61 * MINUTE)), expiring)).toEqual(['revocation-overdue']);
    expect(kinds(aSnapshot(healthy(), v('b').revokeAfter(at(-9 * DAY))))).toEqual([]);
  });

  test('a candidate, or a promotion that never happened, makes no credential overdue', () => {
    const current = healthy().revokeAfter(at(-9 * DAY), 'b', at(-MINUTE));
    const candidate = v('b').candidate('a', at(-MINUTE)).issued(at(-MINUTE));
    expect(kinds(aSnapshot(current, candidate))).toEqual([]);
  });

  test('a current credential that the registry refused twice is unhealthy', () => {
    expect(kinds(aSnapshot(healthy().refused(T0, 1)))).toEqual([]);
    expect(kinds(aSnapshot(healthy().refused(T0, 2)))).toEqual(['unhealthy']);
    expect(kinds(aSnapshot(healthy(), v('b').refused(T0, 2)))).toEqual([]);
  });

  test('a secret that does not exist, or is scheduled for deletion, is missing', () => {
    expect(kinds(undefined)).toEqual(['secret-missing']);
    expect(kinds({ ...aSnapshot(healthy()), deletedAt: T0 })).toEqual(['secret-missing']);
  });

  test('a removed secret is reported while one of its credentials is alive', () => {
    const removed = (version: ReturnType<typeof v>) =>
      measure({ targets: [], removed: [aSnapshot(version)], doubts: noDoubts }, T0);
    expect(removed(healthy()).removed).toEqual(['rekey/acme/app']);
    expect(removed(v('a').current()).removed).toEqual([]);
    expect(removed(healthy().disabled(T0)).removed).toEqual([]);
    const deleted = { ...aSnapshot(healthy()), deletedAt: T0 };
    expect(measure({ targets: [], removed: [deleted], doubts: noDoubts }, T0).removed).toEqual([
      'rekey/acme/app',
    ]);
  });
});

describe('the pace', () => {
  const due = (count: number, provider: string, reason: 'too-old' | 'compromised' = 'too-old') =>
    Array.from({ length: count }, (_, index) => ({
      target: aTarget({ provider, name: `${provider}-${index}` }),
      decision: { action: 'rotate', reason, message: '', at: at(-index) } as const,
    }));

  test('the pace limits each provider separately, and loses no work', () => {
    const { now, later } = paced([...due(PACE * 5 + 7, 'ionos'), ...due(3, 'deepgram')], 5);
    expect(now).toHaveLength(PACE * 5 + 3);
    expect(later.map(({ target }) => target.provider)).toEqual(Array(7).fill('ionos'));
  });

  test('the pace puts urgent work first, then the work that has waited longest', () => {
    const { now, later } = paced([...due(PACE, 'ionos'), ...due(1, 'ionos', 'compromised')], 1);
    expect(now[0]?.decision.reason).toBe('compromised');
    expect(now[1]?.target.name).toBe(`ionos-${PACE - 1}`);
    expect(later.map(({ target }) => target.name)).toEqual(['ionos-0']);
  });
});
