import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import { phase } from '../../../lib/core/decide/reasons.ts';
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
const soon = at(MINUTE);
const justNow = at(-MINUTE);
const inAnHour = at(HOUR);
const anHourAgo = at(-HOUR);
const yesterday = at(-DAY);
const healthy = () => v('a').current().issued(yesterday);
const monthOld = () =>
  v('a')
    .current()
    .issued(at(-31 * DAY));
const left = () => v('b').previous().issued(past);
const candidate = (since: Date) => v('b').candidate('a', since).issued(since);

describe('decide', () => {
  const rows: [string, VersionBuilder[], string, string][] = [
    ['leaves a young credential alone', [healthy()], 'wait', 'waiting'],
    ['issues the first credential of an empty secret', [], 'rotate', 'never-issued'],
    ['replaces a version that rekey did not issue', [v('a').current()], 'rotate', 'never-issued'],
    ['rotates on request', [healthy().requested(T0)], 'rotate', 'requested'],
    [
      'puts a compromise before a request',
      [healthy().requested(T0).compromised(T0)],
      'rotate',
      'compromised',
    ],
    [
      'rotates for other parameters',
      [v('a').current().issued(yesterday, { spec: 'beef0002' })],
      'rotate',
      'spec-changed',
    ],
    [
      'rotates for another place',
      [v('a').current().issued(yesterday, { place: 'place002' })],
      'rotate',
      'spec-changed',
    ],
    ['rotates what is too old', [monthOld()], 'rotate', 'too-old'],
    [
      'follows the real expiry',
      [
        v('a')
          .current()
          .issued(past, { expiresAt: at(DAY) }),
      ],
      'rotate',
      'expiring',
    ],
    [
      'does not believe one refusal, and checks again',
      [healthy().refused(at(-5 * MINUTE), 1)],
      'check',
      'refused-once',
    ],
    [
      'checks again no sooner than 5 minutes after the refusal',
      [healthy().refused(justNow, 1)],
      'wait',
      'waiting',
    ],
    ['rotates after two refusals', [healthy().refused(justNow, 2)], 'rotate', 'unhealthy'],
    [
      'announces what was promoted',
      [healthy().candidate('b', justNow), left().revokeAfter(inAnHour)],
      'announce',
      'unannounced',
    ],
    [
      'announces before it rotates for age',
      [monthOld().candidate('b', at(-31 * DAY))],
      'announce',
      'unannounced',
    ],
    ['finishes a fresh candidate', [healthy(), candidate(justNow)], 'finish', 'half-done'],
    [
      'leaves a candidate alone between its lease and its discard',
      [healthy(), candidate(at(-12 * MINUTE))],
      'wait',
      'waiting',
    ],
    [
      'discards a stale candidate',
      [healthy(), candidate(at(-15 * MINUTE))],
      'discard',
      'stale-candidate',
    ],
    [
      'ignores a candidate without a credential',
      [healthy(), v('b').candidate('a')],
      'wait',
      'waiting',
    ],
    [
      'leaves a rotation of Secrets Manager alone that has just begun',
      [healthy(), v('b').staged()],
      'wait',
      'waiting',
    ],
    [
      'gives a revocation time to a version superseded by hand',
      [v('a').current(), left()],
      'retire',
      'not-retired',
    ],
    [
      'keeps a superseded credential for its grace',
      [healthy(), left().revokeAfter(at(2 * HOUR))],
      'wait',
      'waiting',
    ],
    [
      'warns ahead of a revocation',
      [healthy(), left().revokeAfter(inAnHour)],
      'warn',
      'revocation-near',
    ],
    ['warns once', [healthy(), left().revokeAfter(inAnHour).warned(T0)], 'wait', 'waiting'],
    [
      'revokes once the grace is over',
      [healthy(), left().revokeAfter(T0)],
      'revoke',
      'revocation-due',
    ],
    [
      'leaves a disabled credential alone during its soak',
      [healthy(), left().revokeAfter(past).disabled(anHourAgo)],
      'wait',
      'waiting',
    ],
    [
      'deletes a disabled credential after its soak',
      [healthy(), left().revokeAfter(past).disabled(yesterday)],
      'delete',
      'soaked',
    ],
    [
      'rolls back on request',
      [healthy().rollback(T0, 'b'), left().revokeAfter(inAnHour)],
      'rollback',
      'rollback-requested',
    ],
    [
      'finishes a rollback',
      [
        healthy().rollback(justNow, 'b'),
        left().candidate('a', justNow, 'rollback').revokeAfter(inAnHour, 'a', past),
      ],
      'finish',
      'half-done',
    ],
    [
      'enables the current credential if it is marked as disabled',
      [healthy().disabled(T0)],
      'enable',
      'current-disabled',
    ],
    [
      'backs off',
      [healthy().requested(anHourAgo).backoff(1, justNow, soon)],
      'wait',
      'backing-off',
    ],
    [
      'lets a new request end the backoff',
      [healthy().requested(T0).backoff(3, justNow, inAnHour)],
      'rotate',
      'requested',
    ],
    [
      'goes on revoking while a rotation backs off',
      [healthy().requested(anHourAgo).backoff(1, justNow, soon), left().revokeAfter(T0)],
      'revoke',
      'revocation-due',
    ],
    [
      'backs off from a revocation',
      [healthy(), left().revokeAfter(T0).backoff(1, T0, soon, 'revoke-backoff')],
      'wait',
      'backing-off',
    ],
    [
      'keeps the labels of a dead version for a day',
      [healthy(), v('b').revokeAfter(anHourAgo)],
      'wait',
      'waiting',
    ],
    [
      'forgets a dead version after a day',
      [healthy(), v('b').revokeAfter(yesterday)],
      'forget',
      'untidy',
    ],
  ];
  test.each(rows)('decide %s', (_name, versions, action, reason) => {
    expect(decide(aTarget(), aSnapshot(...versions), T0)).toMatchObject({ action, reason });
  });

  test('decide names a secret that is missing, or scheduled for deletion', () => {
    expect(decide(aTarget(), undefined, T0)).toMatchObject({
      action: 'wait',
      reason: 'secret-missing',
    });
    const deleted = { ...aSnapshot(healthy()), deletedAt: T0 };
    expect(decide(aTarget(), deleted, T0)).toMatchObject({
      action: 'wait',
      reason: 'secret-missing',
    });
  });

  test('decide returns the time when the next action is due', () => {
    const age = 30 * DAY * (0.9 + 0.1 * phase(aTarget()));
    const expected = { action: 'wait', at: at(age - DAY), next: { reason: 'too-old' } };
    expect(decide(aTarget(), aSnapshot(healthy()), T0)).toMatchObject(expected);
  });

  test('decide continues with the next action after a run has failed at one', () => {
    const snapshot = aSnapshot(healthy().requested(T0), left().revokeAfter(T0));
    const rotated = decide(aTarget(), snapshot, T0, { tried: ({ action }) => action === 'rotate' });
    expect(rotated).toMatchObject({ action: 'revoke' });
    const next = { action: 'rotate', reason: 'requested' };
    const waits = { action: 'wait', reason: 'tried', at: at(5 * MINUTE), next };
    expect(decide(aTarget(), snapshot, T0, { tried: () => true })).toMatchObject(waits);
  });

  test('decide does not believe a registry that refuses every login', () => {
    const refused = aSnapshot(
      v('a')
        .current()
        .issued(at(-31 * DAY))
        .refused(justNow, 2),
    );
    expect(decide(aTarget(), refused, T0)).toMatchObject({ reason: 'unhealthy' });
    expect(decide(aTarget(), refused, T0, { doubted: true })).toMatchObject({
      action: 'rotate',
      reason: 'too-old',
    });
    const young = decide(aTarget(), aSnapshot(healthy().refused(justNow, 2)), T0, {
      doubted: true,
    });
    expect(young).toMatchObject({ action: 'wait', next: { reason: 'too-old' } });
  });

  test('a scheduled rotation waits for the window, an urgent one does not', () => {
    const window = { cron: '0 2 * * *', timezone: 'Europe/Berlin', duration: 2 * HOUR };
    const decided = (version: VersionBuilder, now: string | Date = T0) =>
      decide(aTarget({ window }), aSnapshot(version), new Date(now));
    const opening = new Date('2026-01-16T01:00:00Z');
    expect(decided(monthOld())).toMatchObject({
      action: 'wait',
      reason: 'outside-window',
      at: opening,
    });
    expect(decided(monthOld(), '2026-01-16T02:59:00Z')).toMatchObject({ action: 'rotate' });
    expect(decided(monthOld(), '2026-01-16T03:00:00Z')).toMatchObject({ action: 'wait' });
    const moved = v('a').current().issued(yesterday, { spec: 'beef0002' });
    expect(decided(moved)).toMatchObject({
      action: 'wait',
      reason: 'outside-window',
      next: { reason: 'spec-changed' },
    });
    for (const urgent of [
      healthy().requested(T0),
      healthy().compromised(T0),
      healthy().refused(T0, 2),
      v('a').current(),
    ])
      expect(decided(urgent)).toMatchObject({ action: 'rotate' });
  });

  test('the rotations of a fleet spread over a tenth of the interval, always the same way', () => {
    const phases = Array.from({ length: 200 }, (_, number) =>
      phase(aTarget({ name: `target-${number}` })),
    );
    expect(Math.min(...phases)).toBeLessThan(0.05);
    expect(Math.max(...phases)).toBeGreaterThan(0.95);
    expect(phase(aTarget())).toBe(phase(aTarget()));
  });
});
