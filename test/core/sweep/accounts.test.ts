import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import type { ErrorCode } from '../../../lib/core/errors.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { accountsDown, probed } from '../../../lib/core/sweep/accounts.ts';
import { assign } from '../../../lib/core/sweep/assign.ts';
import type { DueTarget } from '../../../lib/core/sweep/index.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  MINUTE,
  noDoubts,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const account = 'ionos admin/ionos';
const named = (name: string, change: Partial<Target> = {}) =>
  aTarget({ name, secret: `rekey/acme/${name}`, verify: { within: 0, every: 0 }, ...change });
const old = () =>
  v('a')
    .current()
    .issued(at(-31 * DAY));
/** Failed `ago` milliseconds ago, and may be tried again now. */
const failed = (ago: number, code: ErrorCode = 'provider-failed', failures = 1) =>
  old().backoff(failures, at(-ago), at(-MINUTE), 'backoff', code);
const seen = (target: Target, ...versions: readonly VersionBuilder[]) => {
  const snapshot = { ...aSnapshot(...versions), name: target.secret };
  return { target, snapshot, decision: decide(target, snapshot, T0) };
};
const down = (...targets: readonly ReturnType<typeof seen>[]) => [...accountsDown({ targets }, T0)];
const due = (...targets: readonly ReturnType<typeof seen>[]) =>
  targets as unknown as readonly DueTarget[];
const names = (works: readonly DueTarget[]) => works.map(({ target }) => target.name);

/** One sweep in three probes another target than usual. */
const exception = T0;
const usual = at(5 * MINUTE);

describe('an admin account is down', () => {
  test.each<[ErrorCode, boolean]>([
    ['admin-refused', true],
    ['admin-missing', true],
    ['forbidden', false],
    ['throttled', true],
    ['provider-failed', true],
    ['unreachable', true],
    ['refused', false],
    ['quota', false],
    ['not-found', false],
    ['label-limit', false],
  ])('an admin account whose last result is %s is down: %s', (code, expected) => {
    expect(down(seen(named('one'), failed(10 * MINUTE, code)))).toEqual(expected ? [account] : []);
  });

  test('an admin account is down until one of its targets gets a credential', () => {
    const broken = seen(named('one'), failed(10 * MINUTE));
    expect(down(broken, seen(named('two'), v('b').current().issued(at(-HOUR))))).toEqual([account]);
    expect(down(broken, seen(named('two'), v('b').current().issued(at(-MINUTE))))).toEqual([]);
  });

  test('an admin account that is down does not affect another one of the same provider', () => {
    const broken = seen(named('one'), failed(10 * MINUTE));
    expect(
      down(
        broken,
        seen(named('two', { admin: 'admin/other' }), v('b').current().issued(at(-MINUTE))),
      ),
    ).toEqual([account]);
  });

  test('failures for other parameters, or older than an hour, take no admin account down', () => {
    expect(down(seen(named('one', { spec: 'beef0002' }), failed(10 * MINUTE)))).toEqual([]);
    const forgotten = old().backoff(1, at(-2 * HOUR), at(-61 * MINUTE));
    expect(down(seen(named('one'), forgotten))).toEqual([]);
  });
});

describe('while an account is down', () => {
  const all = new Set([account]);

  test('while an account is down, one target that already failed goes and the others wait', () => {
    const work = due(
      seen(named('one'), old()),
      seen(named('two'), failed(10 * MINUTE)),
      seen(named('three'), old()),
    );
    const { now, waiting } = probed(work, all, usual, 5);
    expect(names(now)).toEqual(['two']);
    expect(names(waiting)).toEqual(['one', 'three']);
  });

  test('the probe of an account has the fewest failures, or is the most urgent', () => {
    const climbed = seen(named('climbed'), failed(10 * MINUTE, 'provider-failed', 3));
    const fresh = seen(named('fresh'), failed(20 * MINUTE));
    expect(names(probed(due(climbed, fresh), all, usual, 5).now)).toEqual(['fresh']);
    const leaked = seen(named('leaked'), old().compromised(at(-MINUTE)));
    expect(names(probed(due(seen(named('one'), old()), leaked), all, usual, 5).now)).toEqual([
      'leaked',
    ]);
  });

  test('every third probe of an account is of a target that has not failed', () => {
    const work = due(seen(named('one'), failed(10 * MINUTE)), seen(named('two'), old()));
    const probes = Array.from(
      { length: 6 },
      (_, index) => names(probed(work, all, at(index * 5 * MINUTE), 5).now)[0],
    );
    expect(probes.filter((name) => name === 'two')).toHaveLength(2);
    expect(names(probed(work, all, exception, 5).now)).toEqual(['two']);
  });

  test('an account that is down holds up only its own calls to the provider', () => {
    const unannounced = seen(
      named('unannounced'),
      v('a').current().candidate('c', at(-MINUTE)).issued(at(-MINUTE)),
    );
    const elsewhere = seen(named('elsewhere', { admin: 'admin/other' }), old());
    const near = seen(
      named('near'),
      v('a').current().issued(at(-DAY)),
      v('b')
        .issued(at(-31 * DAY))
        .revokeAfter(at(30 * MINUTE)),
    );
    const work = due(seen(named('one'), failed(10 * MINUTE)), unannounced, elsewhere, near);
    expect(names(probed(work, all, usual, 5).now)).toEqual([
      'one',
      'unannounced',
      'elsewhere',
      'near',
    ]);
  });

  test('a target that waits for a probe is not checked: its worker would rotate it first', () => {
    const checked = (name: string) => named(name, { verify: { within: 0, every: HOUR } });
    const targets = [
      seen(checked('one'), failed(10 * MINUTE)),
      seen(checked('two'), old()),
      seen(checked('three'), old()),
    ];
    const {
      assignments,
      waiting,
      due: count,
      down: accounts,
    } = assign(
      { targets, removed: [], doubts: noDoubts },
      { id: 'acme', targets: targets.map(({ target }) => target) },
      at(31 * MINUTE),
      60,
    );
    expect(assignments.filter((one) => 'target' in one)).toEqual([{ target: 'one', check: true }]);
    expect([count, waiting, accounts]).toEqual([3, 2, [account]]);
  });
});
