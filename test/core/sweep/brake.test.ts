import { describe, expect, test } from 'vitest';
import { decide } from '../../../lib/core/decide/index.ts';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { InboundType } from '../../../lib/core/events/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { labels, parseLedger } from '../../../lib/core/ledger/index.ts';
import type { SecretStore, Snapshot } from '../../../lib/core/ports.ts';
import { tooManyReports, usual } from '../../../lib/core/sweep/brake.ts';
import { measure } from '../../../lib/core/sweep/measure.ts';
import { labelStore } from '../../support/label-store.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  id,
  MINUTE,
  noDoubts,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const current = () => v('a').current().issued(at(-DAY));

describe('too many reports of compromise', () => {
  /** A fleet of `size` targets; the first ones have these secrets. */
  const brakeOf = (size: number, ...secrets: readonly (VersionBuilder | RekeyError)[]) => {
    const targets = Array.from({ length: size }, (_, index) =>
      aTarget({ name: `app-${index}`, secret: String(index) }),
    );
    const looked: string[] = [];
    const describe = async (name: string): Promise<Snapshot> => {
      looked.push(name);
      const secret = secrets[Number(name)] ?? current();
      if (secret instanceof RekeyError) throw secret;
      return aSnapshot(secret);
    };
    const clock = { now: () => T0, sleep: async () => {} };
    return {
      looked,
      answer: tooManyReports(
        { store: { describe } as unknown as SecretStore, clock },
        { id: 'acme', targets },
      ),
    };
  };
  const lately = () => current().compromised(at(-59 * MINUTE));
  const times = (count: number, make: () => VersionBuilder) => Array.from({ length: count }, make);

  test.each([
    [5, 9, false],
    [6, 9, true],
    [10, 100, false],
    [11, 100, true],
    [35, 350, false],
    [36, 350, true],
  ])(
    '%d compromise reports in an hour in a fleet of %d targets engage the brake: %s',
    async (reported, size, expected) => {
      expect(await brakeOf(size, ...times(reported, lately)).answer).toBe(expected);
      expect(usual({ targets: Array(size) } as never)).toBe(expected ? reported - 1 : reported);
    },
  );

  test('the brake counts no reports that are confirmed or older than an hour', async () => {
    const old = () => current().compromised(at(-61 * MINUTE));
    const confirmed = () => current().confirmation(at(-MINUTE), at(-MINUTE));
    expect(
      await brakeOf(20, ...times(5, lately), ...times(5, old), ...times(5, confirmed)).answer,
    ).toBe(false);
  });

  test('compromise reports on superseded versions count for the brake', async () => {
    const ended = () =>
      v('b')
        .revokeAfter(at(-MINUTE))
        .compromised(at(-2 * MINUTE));
    expect(await brakeOf(9, ...times(6, ended)).answer).toBe(true);
  });

  test('the brake reads no small fleet, and stops at the first report too many', async () => {
    const few = brakeOf(5, ...times(5, lately));
    expect([await few.answer, few.looked]).toEqual([false, []]);
    const many = brakeOf(100, ...times(60, lately));
    expect([await many.answer, many.looked.length]).toEqual([true, 20]);
  });

  test('the brake throws if a look fails, and skips a forbidden secret', async () => {
    const failed = brakeOf(9, new RekeyError('aws-failed', 'down'));
    await expect(failed.answer).rejects.toMatchObject({ code: 'aws-failed' });
    expect(await brakeOf(9, new RekeyError('forbidden', 'no'), ...times(6, lately)).answer).toBe(
      true,
    );
  });
});

describe('a report that awaits its confirmation', () => {
  const target = aTarget({ grace: DAY, soak: 0, compromisedGrace: 0 });
  const left = (confirmation?: 'awaited' | Date) => {
    const version = v('b')
      .previous()
      .issued(at(-2 * DAY))
      .revokeAfter(at(20 * HOUR), 'a', at(-HOUR));
    return confirmation
      ? version.confirmation(at(-MINUTE), confirmation)
      : version.compromised(at(-MINUTE));
  };

  test('a report that awaits its confirmation rotates the current credential at once', () => {
    const awaited = aSnapshot(current().confirmation(at(-MINUTE), 'awaited'));
    expect(decide(target, awaited, T0)).toMatchObject({ action: 'rotate', reason: 'compromised' });
  });

  test('a report without its confirmation leaves a superseded credential its grace', () => {
    const fresh = v('a').current().issued(T0);
    expect(decide(target, aSnapshot(fresh, left()), T0)).toMatchObject({
      action: 'revoke',
      reason: 'revocation-due',
    });
    const waiting = decide(target, aSnapshot(v('a').current().issued(T0), left('awaited')), T0);
    expect(waiting).toMatchObject({ action: 'wait', next: { action: 'warn' } });
    const over = aSnapshot(v('a').current().issued(T0), left('awaited').warned(at(19 * HOUR)));
    expect(decide(target, over, at(19 * HOUR))).toMatchObject({
      action: 'wait',
      reason: 'unconfirmed',
      at: at(20 * HOUR),
    });
    expect(decide(target, over, at(20 * HOUR))).toMatchObject({
      action: 'revoke',
      reason: 'revocation-due',
    });
    const confirmed = aSnapshot(v('a').current().issued(T0), left(T0));
    expect(decide(target, confirmed, T0)).toMatchObject({
      action: 'revoke',
      reason: 'revocation-due',
    });
  });

  test('a report without its confirmation leaves a disabled credential its soak', () => {
    const disabled = (confirmation?: 'awaited') => {
      const version = v('b')
        .issued(at(-2 * DAY))
        .revokeAfter(at(-HOUR), 'a', at(-DAY))
        .disabled(at(-HOUR));
      return aSnapshot(
        v('a').current().issued(T0),
        confirmation
          ? version.confirmation(at(-MINUTE), confirmation)
          : version.compromised(at(-MINUTE)),
      );
    };
    const soaking = aTarget({ soak: DAY });
    expect(decide(soaking, disabled(), T0)).toMatchObject({ action: 'delete' });
    expect(decide(soaking, disabled('awaited'), T0)).toMatchObject({
      action: 'wait',
      at: at(23 * HOUR),
    });
  });

  test('a confirmation covers every credential that was issued until then', () => {
    const newer = v('a').current().issued(at(-HOUR)).confirmation(T0, T0);
    expect(
      parseLedger(aSnapshot(newer, left('awaited'))).versions.map(
        ({ confirmation }) => confirmation,
      ),
    ).toEqual(['given', 'given']);
    const later = v('c')
      .current()
      .issued(at(MINUTE))
      .compromised(at(2 * MINUTE));
    const { current: third } = parseLedger(
      aSnapshot(later, v('a').issued(at(-HOUR)).confirmation(T0, T0)),
    );
    expect(third).toMatchObject({ compromisedAt: at(2 * MINUTE) });
    expect(third).not.toHaveProperty('confirmation');
  });

  test('a report that awaits its confirmation is not a compromise that stays open', () => {
    const snapshot = aSnapshot(v('a').current().issued(T0), left('awaited'));
    const seen = { target, snapshot, decision: decide(target, snapshot, T0) };
    const kinds = (now: Date) =>
      measure({ targets: [seen], removed: [], doubts: noDoubts }, now).troubles.map(
        ({ kind, detail }) => [kind, detail],
      );
    expect(kinds(at(HOUR))).toEqual([['compromise-unconfirmed', 'credential-b']]);
  });

  test('of two labels for a confirmation, the later one counts', () => {
    const both = current().confirmation(T0, 'awaited-untold');
    both.stage(labels.compromised(id('a'), { at: T0, confirmation: 'awaited' }));
    expect(parseLedger(aSnapshot(both)).current?.reported?.confirmation).toBe('awaited');
  });
});

describe('a request that concerns a confirmation', () => {
  const reported = async (type: InboundType, version: VersionBuilder, now = T0) => {
    const { store, snapshot } = labelStore(aSnapshot(version));
    await request(store, { now: () => now, sleep: async () => {} }, type, aTarget(), 'run:1');
    return parseLedger(snapshot()).current?.reported;
  };

  test('a confirmation is also a report, so that it may come first', async () => {
    expect(await reported('Compromise Confirmed', current())).toEqual({
      at: T0,
      first: T0,
      correlationId: 'run:1',
      confirmation: T0,
    });
    const first = current().confirmation(at(-MINUTE), at(-MINUTE));
    expect(await reported('Credential Compromised', first)).toMatchObject({
      at: T0,
      confirmation: at(-MINUTE),
    });
  });

  test('a confirmation ends the wait for it; a repeated report is held again', async () => {
    const waiting = () => current().confirmation(at(-MINUTE), 'awaited');
    expect(await reported('Compromise Confirmed', waiting())).toMatchObject({
      first: at(-MINUTE),
      confirmation: T0,
    });
    expect(await reported('Credential Compromised', waiting())).toMatchObject({
      first: at(-MINUTE),
      confirmation: 'awaited-untold',
    });
  });
});
