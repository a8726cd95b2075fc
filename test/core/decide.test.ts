import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, revocationTime } from '../../lib/core/decide/index.ts';
import { phase } from '../../lib/core/decide/rotation.ts';
import { LABEL_LIMIT, parseLedger } from '../../lib/core/ledger.ts';
import { aSnapshot, aTarget, at, DAY, HOUR, id, MINUTE, T0, type VersionBuilder, v } from '../support/snapshot.ts';

const healthy = () => v('a').current().issued(at(-DAY));

describe('decide', () => {
  const rows: [string, VersionBuilder[], string, string][] = [
    ['leaves a young credential alone', [healthy()], 'wait', 'waiting'],
    ['issues the first credential of an empty secret', [], 'rotate', 'never-issued'],
    ['replaces a version that rekey did not issue', [v('a').current()], 'rotate', 'never-issued'],
    ['rotates on request', [healthy().requested(T0)], 'rotate', 'requested'],
    ['puts a compromise before a request', [healthy().requested(T0).compromised(T0)], 'rotate', 'compromised'],
    ['rotates for other parameters', [v('a').current().issued(at(-DAY), { spec: 'beef0002' })], 'rotate', 'spec-changed'],
    [
      'rotates what is too old',
      [
        v('a')
          .current()
          .issued(at(-30 * DAY)),
      ],
      'rotate',
      'too-old',
    ],
    [
      'follows the real expiry',
      [
        v('a')
          .current()
          .issued(at(-5 * DAY), { expiresAt: at(DAY) }),
      ],
      'rotate',
      'expiring',
    ],
    [
      'announces what was promoted before anything else',
      [
        v('a')
          .current()
          .pending()
          .issued(at(-40 * DAY)),
      ],
      'announce',
      'unannounced',
    ],
    ['finishes a fresh candidate', [healthy(), v('b').pending().issued(at(-MINUTE))], 'finish', 'half-done'],
    [
      'leaves a candidate alone that may still be promoted elsewhere',
      [
        healthy(),
        v('b')
          .pending()
          .issued(at(-12 * MINUTE)),
      ],
      'wait',
      'waiting',
    ],
    [
      'discards a stale candidate',
      [
        healthy(),
        v('b')
          .pending()
          .issued(at(-15 * MINUTE)),
      ],
      'discard',
      'stale-candidate',
    ],
    ['ignores a pending version that is not its own', [healthy(), v('b').pending()], 'wait', 'waiting'],
    [
      'gives a time of revocation to what was superseded by hand',
      [v('b').current(), v('a').previous().issued(at(-DAY))],
      'retire',
      'not-retired',
    ],
    [
      'keeps a superseded one for its grace',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(2 * HOUR)),
      ],
      'wait',
      'waiting',
    ],
    [
      'warns ahead of a revocation',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(HOUR)),
      ],
      'warn',
      'revocation-near',
    ],
    [
      'warns once',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(HOUR))
          .warned(T0),
      ],
      'wait',
      'waiting',
    ],
    [
      'revokes once the grace is over',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(T0),
      ],
      'revoke',
      'revocation-due',
    ],
    [
      'takes the later of two times of revocation',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(2 * HOUR))
          .revokeAfter(at(-HOUR)),
      ],
      'wait',
      'waiting',
    ],
    [
      'revokes a compromised one before its grace is over',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(HOUR))
          .compromised(T0),
      ],
      'revoke',
      'revocation-due',
    ],
    ['never revokes what is current', [healthy().revokeAfter(at(-HOUR))], 'wait', 'waiting'],
    [
      'leaves a disabled one alone during its soak',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(-HOUR))
          .disabled(at(-HOUR)),
      ],
      'wait',
      'waiting',
    ],
    [
      'deletes a disabled one after its soak',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(at(-DAY))
          .disabled(at(-DAY)),
      ],
      'delete',
      'soaked',
    ],
    [
      'rolls back on request',
      [
        healthy().rollback(T0, 'b'),
        v('b')
          .previous()
          .issued(at(-9 * DAY))
          .revokeAfter(at(HOUR)),
      ],
      'rollback',
      'rollback-requested',
    ],
    [
      'finishes a roll-back',
      [
        healthy().rollback(T0, 'b'),
        v('b')
          .pending()
          .issued(at(-9 * DAY))
          .revokeAfter(at(HOUR)),
      ],
      'finish',
      'half-done',
    ],
    ['backs off', [healthy().requested(at(-HOUR)).backoff(1, at(-MINUTE), at(MINUTE))], 'wait', 'backing-off'],
    ['lets a new request end the back-off', [healthy().requested(T0).backoff(3, at(-MINUTE), at(HOUR))], 'rotate', 'requested'],
    [
      'goes on revoking while a rotation backs off',
      [
        healthy().requested(at(-HOUR)).backoff(1, at(-MINUTE), at(MINUTE)),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(T0),
      ],
      'revoke',
      'revocation-due',
    ],
    [
      'backs off from a revocation',
      [
        healthy(),
        v('b')
          .issued(at(-9 * DAY))
          .revokeAfter(T0)
          .backoff(1, T0, at(MINUTE), 'revoke-backoff'),
      ],
      'wait',
      'backing-off',
    ],
    [
      'waits 15 minutes after the last version, whoever asks',
      [
        v('a')
          .current()
          .issued(at(-14 * MINUTE))
          .compromised(T0),
      ],
      'wait',
      'too-soon',
    ],
    ['keeps the labels of a dead version for a day', [healthy(), v('b').revokeAfter(at(-HOUR))], 'wait', 'waiting'],
    ['forgets a dead version after a day', [healthy(), v('b').revokeAfter(at(-DAY))], 'forget', 'untidy'],
  ];
  test.each(rows)('%s', (_name, versions, action, reason) => {
    expect(decide(aTarget(), aSnapshot(...versions), T0)).toMatchObject({ action, reason });
  });

  test('says which secret is missing, or on its way out', () => {
    expect(decide(aTarget(), undefined, T0)).toMatchObject({ action: 'wait', reason: 'secret-missing' });
    expect(decide(aTarget(), { ...aSnapshot(healthy()), deletedAt: T0 }, T0)).toMatchObject({
      action: 'wait',
      reason: 'secret-missing',
    });
  });

  test('says when the next thing is due', () => {
    const decision = decide(aTarget(), aSnapshot(healthy()), T0);
    const age = 30 * DAY * (0.9 + 0.1 * phase(aTarget()));
    expect(decision).toMatchObject({ action: 'wait', at: at(age - DAY), next: { reason: 'too-old' } });
  });

  test('does not rotate for its age right after a roll-back, until what was left is gone', () => {
    const left = v('b').previous().issued(at(-HOUR)).rollback(at(-MINUTE), 'a').revokeAfter(at(DAY));
    const old = v('a')
      .current()
      .issued(at(-31 * DAY));
    expect(decide(aTarget(), aSnapshot(old, left), T0)).toMatchObject({
      action: 'wait',
      reason: 'waiting',
      next: { action: 'warn' },
    });
    expect(
      decide(
        aTarget(),
        aSnapshot(
          v('a')
            .current()
            .issued(at(-31 * DAY))
            .requested(T0),
          left,
        ),
        T0,
      ),
    ).toMatchObject({ reason: 'requested' });
  });

  test('starts a scheduled rotation only while the window is open, and an urgent one at once', () => {
    const window = { cron: '0 2 * * *', timezone: 'Europe/Berlin', duration: 2 * HOUR };
    const old = () =>
      v('a')
        .current()
        .issued(at(-31 * DAY));
    const closed = decide(aTarget({ window }), aSnapshot(old()), T0);
    expect(closed).toMatchObject({ action: 'wait', reason: 'outside-window', at: new Date('2026-01-16T01:00:00Z') });
    expect(decide(aTarget({ window }), aSnapshot(old()), new Date('2026-01-16T02:59:00Z'))).toMatchObject({ action: 'rotate' });
    expect(decide(aTarget({ window }), aSnapshot(old()), new Date('2026-01-16T03:00:00Z'))).toMatchObject({ action: 'wait' });
    expect(decide(aTarget({ window }), aSnapshot(old().requested(T0)), T0)).toMatchObject({
      action: 'rotate',
      reason: 'requested',
    });
  });

  test('issues nothing where the provider lets no more be alive, or the labels run out', () => {
    const two = [
      healthy().requested(T0),
      v('b')
        .issued(at(-9 * DAY))
        .revokeAfter(at(9 * HOUR)),
    ];
    expect(decide(aTarget({ liveAtOnce: 2 }), aSnapshot(...two), T0)).toMatchObject({ action: 'wait' });
    const crowd = healthy().requested(T0);
    for (let number = 0; parseLedger(aSnapshot(crowd)).free > 4; number++) crowd.stage(`somebody-elses-${number}`);
    expect(decide(aTarget(), aSnapshot(crowd), T0)).toMatchObject({ action: 'wait' });
  });

  test('spreads a fleet over a tenth of the interval, always the same way', () => {
    const phases = Array.from({ length: 200 }, (_, number) => phase(aTarget({ name: `target-${number}` })));
    expect(Math.min(...phases)).toBeLessThan(0.05);
    expect(Math.max(...phases)).toBeGreaterThan(0.95);
    expect(phase(aTarget())).toBe(phase(aTarget()));
  });
});

/** Any ledger that could come about, and many that could not. */
const time = fc.integer({ min: -40 * DAY, max: 10 * DAY }).map((ms) => at(Math.round(ms / 1000) * 1000));
const version = (letter: string) =>
  fc
    .record({
      issued: fc.option(time, { nil: undefined }),
      expires: fc.option(time, { nil: undefined }),
      revokeAfter: fc.option(time, { nil: undefined }),
      disabled: fc.option(time, { nil: undefined }),
      warned: fc.option(time, { nil: undefined }),
      requested: fc.option(time, { nil: undefined }),
      compromised: fc.option(time, { nil: undefined }),
      backoff: fc.option(fc.tuple(fc.integer({ min: 1, max: 9 }), time, time), { nil: undefined }),
      rollback: fc.option(fc.tuple(time, fc.constantFrom('a', 'b', 'c')), { nil: undefined }),
      kind: fc.constantFrom<'backoff' | 'revoke-backoff'>('backoff', 'revoke-backoff'),
    })
    .map((parts) => {
      const built = v(letter);
      if (parts.issued) built.issued(parts.issued, parts.expires ? { expiresAt: parts.expires } : {});
      if (parts.revokeAfter) built.revokeAfter(parts.revokeAfter);
      if (parts.disabled) built.disabled(parts.disabled);
      if (parts.warned) built.warned(parts.warned);
      if (parts.requested) built.requested(parts.requested);
      if (parts.compromised) built.compromised(parts.compromised);
      if (parts.backoff) built.backoff(...parts.backoff, parts.kind);
      if (parts.rollback) built.rollback(...parts.rollback);
      return built;
    });
const anySnapshot = fc
  .tuple(version('a'), version('b'), version('c'), fc.constantFrom('a', 'b', 'c', ''), fc.constantFrom('a', 'b', 'c', ''))
  .map(([a, b, c, current, pending]) => {
    const all = [a, b, c].map((one) => one.copy());
    all.find((one) => one.id === id(current || 'z'))?.current();
    all.find((one) => one.id === id(pending || 'z'))?.pending();
    return aSnapshot(...all.filter(({ stages }) => stages.length > 0));
  });
const anyTarget = fc
  .record({
    interval: fc.integer({ min: 15 * MINUTE, max: 30 * DAY }),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
    soak: fc.constantFrom(0, HOUR, DAY),
  })
  .map(({ interval, share, soak }) => aTarget({ interval, grace: Math.floor(interval * share), soak }));

describe('decide, for any ledger', () => {
  const property = (check: (target: ReturnType<typeof aTarget>, snapshot: ReturnType<typeof aSnapshot>) => void) =>
    fc.assert(fc.property(anyTarget, anySnapshot, check), { numRuns: 1_000 });

  test('gives one answer, and the same one each time', () =>
    property((target, snapshot) => {
      expect(decide(target, snapshot, T0)).toEqual(decide(target, snapshot, T0));
    }));

  test('never revokes, deletes, warns about or forgets what is current or pending', () =>
    property((target, snapshot) => {
      const decision = decide(target, snapshot, T0);
      if (!['revoke', 'delete', 'warn', 'forget'].includes(decision.action)) return;
      const { version } = decision as { version: { current: boolean; pending: boolean } };
      expect(version).toMatchObject({ current: false, pending: false });
    }));

  test('revokes no earlier than the grace, and in the end', () =>
    property((target, snapshot) => {
      const decision = decide(target, snapshot, T0);
      if (decision.action === 'revoke') {
        const due = decision.version && revocationTime(target, decision.version);
        expect(Number(due)).toBeLessThanOrEqual(Number(T0));
      }
      const muchLater = at(400 * DAY);
      const overdue = parseLedger(snapshot).versions.some(
        ({ credential, current, pending }) => credential && !current && !pending,
      );
      if (overdue) expect(decide(target, snapshot, muchLater).action).not.toBe('wait');
    }));

  test('never rotates sooner than 15 minutes after the last version, nor with a candidate pending', () =>
    property((target, snapshot) => {
      if (decide(target, snapshot, T0).action !== 'rotate') return;
      const { versions, pending } = parseLedger(snapshot);
      expect(pending).toBeUndefined();
      for (const { credential } of versions)
        if (credential) expect(Number(credential.issuedAt)).toBeLessThanOrEqual(Number(at(-15 * MINUTE)));
    }));

  test('gives a version superseded without a time of revocation one before it rotates again', () =>
    property((target, snapshot) => {
      if (decide(target, snapshot, T0).action !== 'rotate') return;
      const stray = parseLedger(snapshot).versions.find(
        ({ credential, current, revokeAfter }) => credential && !current && !revokeAfter,
      );
      expect(stray).toBeUndefined();
    }));

  test('when it waits, the time it names is later, and it acts then', () =>
    property((target, snapshot) => {
      const decision = decide(target, snapshot, T0);
      if (decision.action !== 'wait' || !decision.at) return;
      expect(Number(decision.at)).toBeGreaterThan(Number(T0));
      expect(decide(target, snapshot, decision.at).action).not.toBe('wait');
    }));

  test('reads a ledger within the label limit', () =>
    property((_target, snapshot) => {
      expect(parseLedger(snapshot).free).toBeLessThanOrEqual(LABEL_LIMIT);
    }));
});
