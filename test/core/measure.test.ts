import { describe, expect, test } from 'vitest';
import { decide } from '../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../lib/core/errors.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import { measure } from '../../lib/core/measure.ts';
import { PACE, paced } from '../../lib/core/pace.ts';
import type { Snapshot } from '../../lib/core/ports.ts';
import { aSnapshot, aTarget, at, DAY, HOUR, MINUTE, T0, v } from '../support/snapshot.ts';

const seen = (snapshot: Snapshot | undefined, target: Target = aTarget()) => ({
  targets: [{ target, snapshot, decision: decide(target, snapshot, T0) }],
  strangers: [],
});
const healthy = () => v('a').current().issued(at(-DAY));
const kinds = (snapshot: Snapshot | undefined, target?: Target) =>
  measure(seen(snapshot, target), T0).troubles.map(({ kind }) => kind);

describe('what a sweep tells of the fleet', () => {
  test('a healthy target has an age and no trouble', () => {
    expect(measure(seen(aSnapshot(healthy())), T0)).toEqual({
      troubles: [],
      ages: [{ target: 'app', provider: 'ionos', age: DAY, interval: 30 * DAY }],
      removed: [],
    });
  });

  test('two failures are a hiccup, three are told', () => {
    const failed = (times: number) => aSnapshot(healthy().backoff(times, T0, at(HOUR)));
    expect(kinds(failed(2))).toEqual([]);
    expect(kinds(failed(3))).toEqual(['failing']);
  });

  test('so are those of a revocation', () => {
    const old = v('b')
      .issued(at(-31 * DAY))
      .revokeAfter(at(-MINUTE))
      .backoff(3, T0, at(HOUR), 'revoke-backoff');
    expect(kinds(aSnapshot(healthy(), old))).toEqual(['failing']);
  });

  test('a failure for other parameters than the fleet file has now is history', () => {
    expect(kinds(aSnapshot(healthy().backoff(5, T0, at(HOUR))), aTarget({ spec: 'beef0002' }))).toEqual([]);
  });

  test.each<[ErrorCode, boolean]>([
    ['admin-refused', true],
    ['admin-missing', true],
    ['forbidden', true],
    ['throttled', false],
  ])('%s at the first failure names the admin secret: %s', (code, told) => {
    const { troubles } = measure(seen(aSnapshot(healthy().backoff(1, T0, at(HOUR), 'backoff', code))), T0);
    expect(troubles.map(({ detail }) => detail)).toEqual(told ? ['admin/ionos'] : []);
  });

  test('a revocation is overdue an hour after its time; one that is disabled, an hour after its soak', () => {
    const old = (revokeAfter: Date) =>
      v('b')
        .issued(at(-31 * DAY))
        .revokeAfter(revokeAfter)
        .warned(T0);
    expect(kinds(aSnapshot(healthy(), old(at(-59 * MINUTE))))).toEqual([]);
    expect(kinds(aSnapshot(healthy(), old(at(-61 * MINUTE))))).toEqual(['revocation-overdue']);
    expect(kinds(aSnapshot(healthy(), old(at(-DAY)).disabled(at(-DAY))))).toEqual([]);
    expect(kinds(aSnapshot(healthy(), old(at(-3 * DAY)).disabled(at(-DAY - 61 * MINUTE))))).toEqual(['revocation-overdue']);
  });

  test('a secret that is not there, or on its way out, is told', () => {
    expect(kinds(undefined)).toEqual(['secret-missing']);
    expect(kinds({ ...aSnapshot(healthy()), deletedAt: T0 })).toEqual(['secret-missing']);
  });

  test('a secret that left the fleet is told for as long as something is alive behind it', () => {
    const stranger = (version: ReturnType<typeof v>) => measure({ targets: [], strangers: [aSnapshot(version)] }, T0);
    expect(stranger(healthy()).removed).toEqual(['rekey/acme/app']);
    expect(stranger(v('a').current()).removed).toEqual([]);
  });
});

describe('the pace', () => {
  const due = (count: number, provider: string, reason: 'too-old' | 'compromised' = 'too-old') =>
    Array.from({ length: count }, (_, index) => ({
      target: aTarget({ provider, name: `${provider}-${index}` }),
      decision: { action: 'rotate', reason, message: '', at: at(-index) } as const,
    }));

  test('is held for each provider by itself, and nothing is lost', () => {
    const { now, later } = paced([...due(PACE * 5 + 7, 'ionos'), ...due(3, 'deepgram')], 5);
    expect(now).toHaveLength(PACE * 5 + 3);
    expect(later.map(({ target }) => target.provider)).toEqual(Array(7).fill('ionos'));
  });

  test('puts what is urgent first, then what has waited longest', () => {
    const { now, later } = paced([...due(PACE, 'ionos'), ...due(1, 'ionos', 'compromised')], 1);
    expect(now[0]?.decision.reason).toBe('compromised');
    expect(now[1]?.target.name).toBe(`ionos-${PACE - 1}`);
    expect(later.map(({ target }) => target.name)).toEqual(['ionos-0']);
  });
});
