import { describe, expect, test } from 'vitest';
import { progress } from '../../lib/cli/progress.ts';
import type { Look } from '../../lib/cli/signs.ts';
import type { InboundType } from '../../lib/core/events/index.ts';
import type { Target } from '../../lib/core/fleet/index.ts';
import type { Ledger, Version } from '../../lib/core/ledger/index.ts';
import { aTarget, at, DAY, HOUR, MINUTE, T0 } from '../support/snapshot.ts';

/** A version with a credential named after it, issued long ago. */
const version = (letter: string, change: Partial<Version> = {}): Version => ({
  id: letter,
  labels: [],
  current: false,
  pending: false,
  previous: false,
  staged: false,
  credential: {
    id: `credential-${letter}`,
    issuedAt: at(-DAY),
    spec: 'cafe0001',
    reason: 'too-old',
  },
  ...change,
});

const current = (letter: string, change: Partial<Version> = {}) =>
  version(letter, { current: true, ...change });

function ledger(...versions: readonly Version[]): Ledger {
  const now = versions.find((one) => one.current);
  const pending = versions.find((one) => one.pending);
  const reports = versions.flatMap(({ compromisedAt }) => compromisedAt ?? []);
  return {
    arn: 'arn:app',
    name: 'app',
    deleted: false,
    versions,
    free: 12,
    candidates: [],
    strays: [],
    unannounced: [],
    replicasBehind: [],
    ...(reports.length > 0 && { reportedAt: reports[0] }),
    ...(now && { current: now }),
    ...(pending && { pending }),
  };
}

const seen = (type: InboundType, before: Ledger, after: Ledger, change: Partial<Look> = {}) =>
  progress(type, {
    target: aTarget(),
    before,
    after,
    accepted: false,
    since: T0,
    now: T0,
    ...change,
  });

const dead = (letter: string): Version => {
  const { credential: _, ...rest } = version(letter);
  return rest;
};

describe('the progress of a rotation', () => {
  const rotate = (before: Ledger, after: Ledger, target: Target = aTarget()) =>
    seen('Rotation Requested', before, after, { target, now: at(HOUR) });
  const before = ledger(current('a'));

  test('a rotation shows no progress before its request is recorded', () => {
    expect(rotate(before, before)).toMatchObject({ steps: [], accepted: false });
  });

  test('a rotation is accepted once its request is recorded', () => {
    expect(rotate(before, ledger(current('a', { requested: { at: T0 } })))).toMatchObject({
      steps: ['accepted'],
      accepted: true,
    });
  });

  test('a rotation is accepted if it repeats a request that is still recorded', () => {
    const standing = ledger(current('a', { requested: { at: at(-HOUR) } }));
    expect(rotate(standing, standing).accepted).toBe(true);
  });

  test('a rotation is not accepted if a failure came after the earlier request', () => {
    const backoff = {
      failures: 1,
      at: at(-MINUTE),
      until: at(2 * HOUR),
      code: 'quota',
      spec: 'cafe0001',
    } as const;
    const failed = ledger(current('a', { requested: { at: at(-HOUR) }, backoff }));
    expect(rotate(failed, failed)).toMatchObject({ accepted: false });
    expect(rotate(failed, ledger(current('a', { requested: { at: T0 }, backoff })))).toMatchObject({
      accepted: true,
    });
  });

  test('a rotation that Secrets Manager drives shows that it was started, and is not held', () => {
    const asked = { ...ledger(current('a', { requested: { at: T0 } })), started: dead('b') };
    const { steps, held } = rotate(before, asked, aTarget({ driver: 'secrets-manager' }));
    expect(steps).toEqual(['accepted', 'Secrets Manager was asked to rotate']);
    expect(held).toBeUndefined();
  });

  test('a rotation shows its candidate while it is being proven', () => {
    const after = ledger(current('a', { requested: { at: T0 } }), version('b', { pending: true }));
    expect(rotate(before, after).steps).toEqual([
      'accepted',
      'candidate stored: version b, credential credential-b',
    ]);
  });

  test('a rotation ignores a candidate from before the request', () => {
    const under = ledger(current('a'), version('b', { pending: true }));
    expect(rotate(under, under).accepted).toBe(false);
  });

  test('a rotation has not ended while its promotion is not announced', () => {
    const after = ledger(
      version('a', { previous: true, revokeAfter: at(2 * DAY) }),
      current('b', { pending: true }),
    );
    const { steps, end } = rotate(before, after);
    expect(steps).toEqual(['accepted', 'promoted: version b, credential credential-b']);
    expect(end).toBeUndefined();
  });

  test('a rotation ends with the end of the previous credential', () => {
    const lastStep = (target: Partial<Target>, old: Version) =>
      rotate(before, ledger(old, current('b')), aTarget(target)).steps.at(-1);
    const old = version('a', { previous: true, revokeAfter: at(2 * DAY) });
    expect(lastStep({}, old)).toBe(
      'previous credential credential-a stays alive until 2026-01-17T09:30:00.000Z',
    );
    expect(lastStep({ revocable: false }, old)).toBe(
      'previous credential credential-a can only expire, at 2026-01-17T09:30:00.000Z',
    );
    expect(lastStep({}, dead('a'))).toBe('previous credential credential-a is revoked');
  });

  test('a rotation of an empty secret names no previous credential', () => {
    const { steps, end } = rotate(ledger(), ledger(current('b')));
    expect(steps).toEqual([
      'accepted',
      'promoted: version b, credential credential-b',
      'announced',
    ]);
    expect(end).toMatchObject({ done: true });
  });
});

describe('the progress of a rollback', () => {
  const before = ledger(version('a', { previous: true, revokeAfter: at(2 * DAY) }), current('b'));
  const roll = (after: Ledger, accepted = true) =>
    seen('Rollback Requested', before, after, { accepted });
  const written = current('b', { rollback: { at: T0, to: 'a' } });

  test('a rollback shows its candidate while it is being proven', () => {
    expect(roll(ledger(version('a', { pending: true, previous: true }), written), false)).toEqual({
      steps: ['accepted', 'version a is a candidate again'],
      accepted: true,
    });
  });

  test('a rollback that was accepted and taken back is refused', () => {
    expect(roll(before).end).toMatchObject({
      done: false,
      message: expect.stringMatching(/^refused: .* rekey status app$/),
    });
    expect(roll(before, false).end).toBeUndefined();
  });

  test('a rollback is refused if another version was promoted meanwhile', () => {
    const after = ledger(version('a'), version('b', { previous: true }), current('c'));
    expect(roll(after).end).toMatchObject({
      done: false,
      message: expect.stringContaining('another version was promoted instead'),
    });
  });

  test('a rollback whose credential the registry refuses fails with the error class', () => {
    const backoff = {
      failures: 1,
      at: at(MINUTE),
      until: at(HOUR),
      code: 'refused',
      spec: 'cafe0001',
    } as const;
    const after = ledger(version('a', { pending: true }), { ...written, backoff });
    expect(roll(after).end).toMatchObject({
      done: false,
      message: expect.stringMatching(/^failed: refused, 1 in a row/),
    });
  });
});

describe('the progress of a report of compromise', () => {
  const before = ledger(version('a', { previous: true, revokeAfter: at(2 * DAY) }), current('b'));
  const report = (after: Ledger, target: Partial<Target> = {}) =>
    seen('Credential Compromised', before, after, { target: aTarget(target), now: at(HOUR) });
  const leaked = { compromisedAt: at(MINUTE), revokeAfter: at(MINUTE) };

  test('a compromise report is accepted once it is recorded, and waits for each end', () => {
    const { steps, end } = report(
      ledger(version('a', leaked), current('b', { compromisedAt: at(MINUTE) })),
    );
    expect(steps).toEqual(['accepted']);
    expect(end).toBeUndefined();
    expect(
      report(ledger(version('a', leaked), version('b', leaked), current('c'))).end,
    ).toBeUndefined();
  });

  test('a compromise report ends when each credential is dead after a promotion', () => {
    const { steps, end } = report(
      ledger(dead('a'), version('b', { ...leaked, disabledAt: at(HOUR) }), current('c')),
    );
    expect(steps.slice(-2)).toEqual([
      'credential credential-a is revoked',
      'credential credential-b is disabled since 2026-01-15T10:30:00.000Z',
    ]);
    expect(end).toMatchObject({ done: true });
    expect(
      report(ledger(dead('a'), current('b', { compromisedAt: at(MINUTE) }))).end,
    ).toBeUndefined();
  });

  test('a compromise report shows the end of a grace for compromised credentials', () => {
    const after = ledger(
      dead('a'),
      version('b', { ...leaked, revokeAfter: at(2 * DAY) }),
      current('c'),
    );
    const { steps, end } = report(after, { compromisedGrace: 3 * HOUR });
    expect(steps.at(-1)).toBe('credential credential-b stays alive until 2026-01-15T12:31:00.000Z');
    expect(end).toMatchObject({ done: true });
  });

  test('a compromise report waits for a revocation that is due within a minute', () => {
    const after = ledger(
      dead('a'),
      version('b', { ...leaked, revokeAfter: at(HOUR + 30_000) }),
      current('c'),
    );
    expect(report(after, { compromisedGrace: 3 * HOUR })).toMatchObject({
      accepted: true,
      announced: true,
    });
    expect(report(after, { compromisedGrace: 3 * HOUR }).end).toBeUndefined();
  });

  test('a compromise report ends with a failed revocation, naming the credential', () => {
    const revokeBackoff = {
      failures: 1,
      at: at(HOUR),
      until: at(2 * HOUR),
      code: 'forbidden',
      spec: 'cafe0001',
    } as const;
    const { end } = report(
      ledger(dead('a'), version('b', { ...leaked, revokeBackoff }), current('c')),
    );
    expect(end).toMatchObject({
      done: false,
      message: expect.stringContaining('credential credential-b is still alive'),
    });
  });
});
