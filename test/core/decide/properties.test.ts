import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  agenda,
  type Due,
  decide,
  limitOf,
  mayComeBack,
  revocationTime,
} from '../../../lib/core/decide/index.ts';
import { NEVER } from '../../../lib/core/decide/situation.ts';
import { LABEL_LIMIT, parseLedger, superseded } from '../../../lib/core/ledger/index.ts';
import { plus } from '../../../lib/core/time.ts';
import { anySnapshot, anyTarget } from '../../support/any-ledger.ts';
import { runs } from '../../support/sample.ts';
import { at, DAY, MINUTE, T0 } from '../../support/snapshot.ts';

type Target = Parameters<typeof decide>[0];
type Snapshot = NonNullable<Parameters<typeof decide>[1]>;

describe('decide, for any ledger', () => {
  const property = (check: (target: Target, snapshot: Snapshot) => void) =>
    fc.assert(fc.property(anyTarget, anySnapshot, check), { numRuns: runs(500) });
  const dueNow = (target: Target, snapshot: Snapshot, now = T0): readonly Due[] =>
    agenda({ target, ledger: parseLedger(snapshot), now }).filter(({ at: time }) => time <= now);

  test('decide returns one answer, and the same one each time', () =>
    property((target, snapshot) => {
      expect(decide(target, snapshot, T0)).toEqual(decide(target, snapshot, T0));
    }));

  test('decide never ends the current credential, and revokes no candidate', () =>
    property((target, snapshot) => {
      const { pending } = parseLedger(snapshot);
      for (const { action, version } of dueNow(target, snapshot)) {
        if (!['revoke', 'delete', 'abandon', 'discard', 'warn'].includes(action)) continue;
        expect(version?.current).toBe(false);
        if (action !== 'discard') expect(version && superseded(version), action).toBe(true);
        if (action !== 'discard') expect(version?.id).not.toBe(pending?.id);
      }
    }));

  test('decide removes no label of a candidate', () =>
    property((target, snapshot) => {
      for (const { action, version } of dueNow(target, snapshot))
        if (action === 'forget') expect(version?.pending).toBe(false);
    }));

  test('decide revokes no earlier than the announced end, and eventually', () =>
    property((target, snapshot) => {
      for (const { action, version } of dueNow(target, snapshot)) {
        if (action !== 'revoke') continue;
        const due = version && revocationTime(target, version);
        expect(Number(due)).toBeLessThanOrEqual(Number(T0));
      }
      const overdue = parseLedger(snapshot).versions.some(superseded);
      if (overdue) expect(decide(target, snapshot, at(400 * DAY)).action).not.toBe('wait');
    }));

  test('decide ends no credential that a rollback could restore, except to make room', () =>
    property((target, snapshot) => {
      for (const { action, reason, version } of dueNow(target, snapshot)) {
        if (!['revoke', 'delete'].includes(action) || reason === 'room-needed') continue;
        expect(version && mayComeBack(target, version, T0)).toBe(false);
      }
    }));

  test('decide issues nothing while a candidate exists, or too soon without a compromise', () =>
    property((target, snapshot) => {
      const ledger = parseLedger(snapshot);
      for (const { action, reason } of dueNow(target, snapshot)) {
        // tried only to announce the failure
        if (action !== 'rotate' || limitOf(target, ledger, T0, reason)) continue;
        expect(ledger.pending).toBeUndefined();
        if (reason === 'compromised') expect(ledger.current?.compromisedAt).toBeDefined();
        const youngest = Math.max(
          ...ledger.versions.map(({ credential }) => Number(credential?.issuedAt ?? at(-40 * DAY))),
        );
        if (reason !== 'compromised')
          expect(youngest).toBeLessThanOrEqual(Number(at(-15 * MINUTE)));
      }
    }));

  test('a version superseded by hand gets a revocation time before any other rotation', () =>
    property((target, snapshot) => {
      if (!['rotate', 'rollback', 'finish'].includes(decide(target, snapshot, T0).action)) return;
      expect(
        parseLedger(snapshot)
          .versions.filter(superseded)
          .find(({ revokeAfter }) => !revokeAfter),
      ).toBeUndefined();
    }));

  test('if decide waits, it names a later time, and acts then', () =>
    property((target, snapshot) => {
      const decision = decide(target, snapshot, T0);
      if (decision.action !== 'wait' || !decision.at) return;
      expect(Number(decision.at)).toBeGreaterThan(Number(T0));
      expect(decide(target, snapshot, decision.at).action).not.toBe('wait');
    }));

  test('every state that holds back a rotation has an end', () =>
    property((target, snapshot) => {
      const ledger = parseLedger(snapshot);
      const rotations = agenda({ target, ledger, now: T0 }).filter(
        ({ action }) => action === 'rotate',
      );
      for (const { at: time } of rotations) expect(Number(time)).toBeLessThan(Number(NEVER));
      if (!ledger.pending) expect(rotations.length).toBeGreaterThan(0);
    }));

  test('a compromised credential ends, once its successor and its obstacles allow it', () =>
    property((target, snapshot) => {
      const { versions, pending } = parseLedger(snapshot);
      const later = at(400 * DAY);
      const due = dueNow(target, snapshot, later);
      // the obstacle ends now, or once its successor is announced
      const makesRoom = (id: string) =>
        due.some(
          ({ action, version }) =>
            action === 'announce' || (version?.id !== id && ['revoke', 'delete'].includes(action)),
        );
      for (const { id, credential, compromisedAt, current } of versions) {
        // a candidate over it is finished or discarded first
        if (!credential || !compromisedAt || (current && pending)) continue;
        const ends = ['revoke', 'delete', 'abandon', 'discard', 'rotate', 'retire', 'enable'];
        const actions = due.filter(({ version }) => version?.id === id).map(({ action }) => action);
        // its successor waits for room, a second at a time
        const waits = agenda({ target, ledger: parseLedger(snapshot), now: later }).some(
          ({ action, gate, at: time }) =>
            action === 'rotate' &&
            (gate === 'too-many-alive' || gate === 'label-limit') &&
            time <= plus(later, MINUTE),
        );
        if (current && waits && makesRoom(id)) continue;
        expect(
          actions.filter((action) => ends.includes(action)),
          id,
        ).not.toEqual([]);
      }
    }));

  test('the ledger never counts more free labels than the limit', () =>
    property((_target, snapshot) => {
      expect(parseLedger(snapshot).free).toBeLessThanOrEqual(LABEL_LIMIT);
    }));
});
