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

/** A secret with these versions, and what becomes of it when somebody asks. */
function secret(...versions: VersionBuilder[]) {
  const { store, snapshot } = labelStore(aSnapshot(...versions));
  return {
    ask: (type: InboundType, now = T0, options?: { toBeRefused: boolean }) =>
      request(store, { now: () => now, sleep: async () => {} }, type, aTarget(), 'run:1', options),
    ledger: () => parseLedger(snapshot()),
    snapshot,
  };
}
const asked = { at: T0, correlationId: 'run:1' };

describe('a request for a rotation', () => {
  test('is written on the current version, with whoever asked', async () => {
    const { ask, ledger } = secret(current());
    await ask('Rotation Requested');
    expect(ledger().current?.requested).toEqual(asked);
  });

  test('that is repeated changes nothing, until one has failed', async () => {
    const { ask, ledger, snapshot } = secret(current().requested(at(-HOUR)));
    await ask('Rotation Requested');
    expect(ledger().current?.requested).toEqual({ at: at(-HOUR) });
    const failed = secret(current().requested(at(-HOUR)).backoff(5, at(-MINUTE), at(DAY)));
    await failed.ask('Rotation Requested');
    expect(failed.ledger().current?.requested).toEqual(asked);
    expect(Object.values(failed.snapshot().versions).flat()).toHaveLength(4);
    expect(Object.values(snapshot().versions).flat()).toHaveLength(3);
  });

  test('of an empty secret needs no label: it gets its first credential anyway', async () => {
    const { ask, snapshot } = secret();
    await ask('Rotation Requested');
    expect(snapshot().versions).toEqual({});
  });

  test('from an earlier life of the version is renewed', async () => {
    const { ask, ledger } = secret(
      current()
        .requested(at(-2 * DAY))
        .revokeAfter(at(DAY), 'c', at(-HOUR)),
    );
    await ask('Rotation Requested');
    expect(ledger().current?.requested).toEqual(asked);
  });
});

describe('a report of compromise', () => {
  test('is one label for all that is alive', async () => {
    const { ask, ledger } = secret(
      current(),
      left(),
      v('c').issued(past).revokeAfter(past).disabled(past),
    );
    const before = ledger().free;
    await ask('Credential Compromised');
    expect(ledger().free).toBe(before - 1);
    expect(ledger().versions.map(({ compromisedAt }) => compromisedAt)).toEqual([T0, T0, T0]);
    expect(ledger().current?.reported).toEqual({ ...asked, first: T0 });
  });

  test('that is repeated is renewed: the work begins again', async () => {
    const { ask, ledger } = secret(
      current().compromised(at(-HOUR)).backoff(5, at(-MINUTE), at(DAY)),
    );
    await ask('Credential Compromised');
    expect(ledger()).toMatchObject({ reportedAt: T0, free: 16 });
    expect(ledger().current?.reported).toEqual({ ...asked, first: at(-HOUR) });
    expect(ledger().current?.compromisedAt).toEqual(at(-HOUR));
  });

  test('that is repeated does not put off the end of what was reported before', async () => {
    const { ask, ledger } = secret(current().compromised(at(-HOUR)), left());
    const end = () =>
      ledger().versions.flatMap(
        (version) => endOfLife(aTarget({ compromisedGrace: 90 * MINUTE }), version) ?? [],
      );
    expect(end()).toEqual([{ at: at(30 * MINUTE), by: 'revocation' }]);
    await ask('Credential Compromised');
    expect(end()).toEqual([{ at: at(30 * MINUTE), by: 'revocation' }]);
  });

  test('that is repeated is told again what it waits for', async () => {
    const { ask, ledger } = secret(current().compromised(at(-HOUR), 'run:0', 'too-soon'));
    expect(ledger().current?.reported?.held).toBe('too-soon');
    await ask('Credential Compromised');
    expect(ledger().current?.reported).toEqual({ ...asked, first: at(-HOUR) });
  });

  test('speaks of what another clock calls issued a moment later', async () => {
    const ahead = secret(v('a').current().issued(at(30_000)));
    await ahead.ask('Credential Compromised');
    expect(ahead.ledger().current?.compromisedAt).toEqual(at(30_000));
    const wrong = secret(v('a').current().issued(at(HOUR)));
    await wrong.ask('Credential Compromised');
    expect(wrong.ledger().reportedAt).toEqual(T0);
  });

  test('is written although no version is current, and not where nothing was issued', async () => {
    const { ask, ledger } = secret(left());
    await ask('Credential Compromised');
    expect(ledger().versions[0]?.compromisedAt).toEqual(T0);
    const empty = secret();
    await empty.ask('Credential Compromised');
    expect(empty.snapshot().versions).toEqual({});
  });

  test('takes no label off that is not rekey’s own: the function that writes it down may not', async () => {
    const crowd = current().stage(
      ...Array.from({ length: 13 }, (_, number) => `somebody-elses-${number}`),
    );
    const begun = v('c').revokeAfter(past).stage('AWSPENDING');
    const { ask, snapshot } = secret(crowd, left(), begun);
    await ask('Credential Compromised');
    expect(Object.values(snapshot().versions).flat()).toContain('AWSPENDING');
  });

  test('takes settled labels off, where there is no room for it', async () => {
    const crowd = current().stage(
      ...Array.from({ length: 14 }, (_, number) => `somebody-elses-${number}`),
    );
    const { ask, ledger } = secret(crowd, left(), v('c').revokeAfter(past));
    expect(ledger().free).toBe(0);
    await ask('Credential Compromised');
    expect(ledger()).toMatchObject({ free: 0, reportedAt: T0 });
    expect(ledger().versions).toHaveLength(2);
  });
});

describe('a request for a rollback', () => {
  test('is written on the current version, with where it goes', async () => {
    const { ask, ledger } = secret(current(), left());
    await ask('Rollback Requested');
    expect(ledger().current?.rollback).toEqual({ ...asked, to: id('b') });
    await ask('Rollback Requested', at(MINUTE));
    expect(ledger().current?.rollback?.at, 'a repeat is a request of its own').toEqual(at(MINUTE));
  });

  test.each<[string, VersionBuilder[]]>([
    ['nothing is alive to go back to', [current()]],
    ['the previous credential is compromised', [current(), left().compromised(T0)]],
    [
      'the previous credential is about to be revoked',
      [current(), left().revokeAfter(at(4 * MINUTE), 'a', at(-HOUR))],
    ],
    ['a rotation is under way', [current(), left(), v('c').candidate('a', T0).issued(T0)]],
    ['there is no current version', [left()]],
  ])('is refused at once where %s', async (_name, versions) => {
    const { ask, snapshot } = secret(...versions);
    const before = snapshot();
    await expect(ask('Rollback Requested')).rejects.toMatchObject({ code: 'no-rollback' });
    expect(snapshot()).toEqual(before);
  });

  test('that is impossible is written down for the worker to refuse, if it is to be told so', async () => {
    const { ask, ledger } = secret(current());
    await ask('Rollback Requested', T0, { toBeRefused: true });
    expect(ledger().current?.rollback).toEqual({ ...asked, to: 'none' });
  });
});
