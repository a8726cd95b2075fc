import { describe, expect, test } from 'vitest';
import { endOfLife } from '../../../lib/core/decide/index.ts';
import type { InboundType } from '../../../lib/core/events/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import { labelStore } from '../../support/label-store.ts';
import {
  aSnapshot,
  aTarget,
  at,
  DAY,
  HOUR,
  id,
  MINUTE,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const past = at(-9 * DAY);
const current = () => v('a').current().issued(at(-DAY));
const left = () => v('b').previous().issued(past).revokeAfter(at(HOUR), 'a', at(-DAY));

/** A secret with these versions, and how requests change it. */
function secret(...versions: VersionBuilder[]) {
  const { store, snapshot } = labelStore(aSnapshot(...versions));
  return {
    send: (type: InboundType, now = T0, options?: { toBeRefused: boolean }) =>
      request(store, { now: () => now, sleep: async () => {} }, type, aTarget(), 'run:1', options),
    ledger: () => parseLedger(snapshot()),
    snapshot,
  };
}
const recorded = { at: T0, correlationId: 'run:1' };

describe('a rotation request', () => {
  test('a rotation request is recorded on the current version with its requester', async () => {
    const { send, ledger } = secret(current());
    await send('Rotation Requested');
    expect(ledger().current?.requested).toEqual(recorded);
  });

  test('a repeated rotation request changes nothing, until one has failed', async () => {
    const { send, ledger, snapshot } = secret(current().requested(at(-HOUR)));
    await send('Rotation Requested');
    expect(ledger().current?.requested).toEqual({ at: at(-HOUR) });
    const failed = secret(current().requested(at(-HOUR)).backoff(5, at(-MINUTE), at(DAY)));
    await failed.send('Rotation Requested');
    expect(failed.ledger().current?.requested).toEqual(recorded);
    expect(Object.values(failed.snapshot().versions).flat()).toHaveLength(4);
    expect(Object.values(snapshot().versions).flat()).toHaveLength(3);
  });

  test('a rotation request for an empty secret needs no label', async () => {
    const { send, snapshot } = secret();
    await send('Rotation Requested');
    expect(snapshot().versions).toEqual({});
  });

  test('a rotation request from an earlier life of the version is renewed', async () => {
    const { send, ledger } = secret(
      current()
        .requested(at(-2 * DAY))
        .revokeAfter(at(DAY), 'c', at(-HOUR)),
    );
    await send('Rotation Requested');
    expect(ledger().current?.requested).toEqual(recorded);
  });
});

describe('a compromise report', () => {
  test('a compromise report is one label for every live credential', async () => {
    const { send, ledger } = secret(
      current(),
      left(),
      v('c').issued(past).revokeAfter(past).disabled(past),
    );
    const before = ledger().free;
    await send('Credential Compromised');
    expect(ledger().free).toBe(before - 1);
    expect(ledger().versions.map(({ compromisedAt }) => compromisedAt)).toEqual([T0, T0, T0]);
    expect(ledger().current?.reported).toEqual({ ...recorded, first: T0 });
  });

  test('a repeated compromise report is renewed, and its work begins again', async () => {
    const { send, ledger } = secret(
      current().compromised(at(-HOUR)).backoff(5, at(-MINUTE), at(DAY)),
    );
    await send('Credential Compromised');
    expect(ledger()).toMatchObject({ reportedAt: T0, free: 16 });
    expect(ledger().current?.reported).toEqual({ ...recorded, first: at(-HOUR) });
    expect(ledger().current?.compromisedAt).toEqual(at(-HOUR));
  });

  test('a repeated compromise report does not delay the end of a reported credential', async () => {
    const { send, ledger } = secret(current().compromised(at(-HOUR)), left());
    const end = () =>
      ledger().versions.flatMap(
        (version) => endOfLife(aTarget({ compromisedGrace: 90 * MINUTE }), version) ?? [],
      );
    expect(end()).toEqual([{ at: at(30 * MINUTE), by: 'revocation' }]);
    await send('Credential Compromised');
    expect(end()).toEqual([{ at: at(30 * MINUTE), by: 'revocation' }]);
  });

  test('a repeated compromise report is announced as held once more', async () => {
    const { send, ledger } = secret(current().compromised(at(-HOUR), 'run:0', 'too-soon'));
    expect(ledger().current?.reported?.held).toBe('too-soon');
    await send('Credential Compromised');
    expect(ledger().current?.reported).toEqual({ ...recorded, first: at(-HOUR) });
  });

  test('a compromise report covers a credential that a faster clock just issued', async () => {
    const ahead = secret(v('a').current().issued(at(30_000)));
    await ahead.send('Credential Compromised');
    expect(ahead.ledger().current?.compromisedAt).toEqual(at(30_000));
    const wrong = secret(v('a').current().issued(at(HOUR)));
    await wrong.send('Credential Compromised');
    expect(wrong.ledger().reportedAt).toEqual(T0);
  });

  test('a compromise report needs no current version, but at least one credential', async () => {
    const { send, ledger } = secret(left());
    await send('Credential Compromised');
    expect(ledger().versions[0]?.compromisedAt).toEqual(T0);
    const empty = secret();
    await empty.send('Credential Compromised');
    expect(empty.snapshot().versions).toEqual({});
  });

  test('a compromise report does not remove foreign labels to make room', async () => {
    const crowd = current().stage(
      ...Array.from({ length: 13 }, (_, number) => `foreign-${number}`),
    );
    const begun = v('c').revokeAfter(past).stage('AWSPENDING');
    const { send, snapshot } = secret(crowd, left(), begun);
    await send('Credential Compromised');
    expect(Object.values(snapshot().versions).flat()).toContain('AWSPENDING');
  });

  test('a compromise report removes settled labels if there is no room for its own', async () => {
    const crowd = current().stage(
      ...Array.from({ length: 14 }, (_, number) => `foreign-${number}`),
    );
    const { send, ledger } = secret(crowd, left(), v('c').revokeAfter(past));
    expect(ledger().free).toBe(0);
    await send('Credential Compromised');
    expect(ledger()).toMatchObject({ free: 0, reportedAt: T0 });
    expect(ledger().versions).toHaveLength(2);
  });
});

describe('a rollback request', () => {
  test('a rollback request is recorded on the current version, with its destination', async () => {
    const { send, ledger } = secret(current(), left());
    await send('Rollback Requested');
    expect(ledger().current?.rollback).toEqual({ ...recorded, to: id('b') });
    await send('Rollback Requested', at(MINUTE));
    expect(ledger().current?.rollback?.at, 'a repeat is a separate request').toEqual(at(MINUTE));
  });

  test.each<[string, VersionBuilder[]]>([
    ['no previous credential is alive', [current()]],
    ['the previous credential is compromised', [current(), left().compromised(T0)]],
    [
      'the previous credential is about to be revoked',
      [current(), left().revokeAfter(at(4 * MINUTE), 'a', at(-HOUR))],
    ],
    ['a rotation is in progress', [current(), left(), v('c').candidate('a', T0).issued(T0)]],
    ['there is no current version', [left()]],
  ])('a rollback request is refused at once if %s', async (_name, versions) => {
    const { send, snapshot } = secret(...versions);
    const before = snapshot();
    await expect(send('Rollback Requested')).rejects.toMatchObject({ code: 'no-rollback' });
    expect(snapshot()).toEqual(before);
  });

  test('an impossible rollback request is recorded if the worker is to refuse it', async () => {
    const { send, ledger } = secret(current());
    await send('Rollback Requested', T0, { toBeRefused: true });
    expect(ledger().current?.rollback).toEqual({ ...recorded, to: 'none' });
  });
});
