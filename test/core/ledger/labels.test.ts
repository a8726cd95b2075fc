import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RekeyError } from '../../../lib/core/errors.ts';
import { labels, ownLabels, parseLedger, type Version } from '../../../lib/core/ledger/index.ts';
import { runs } from '../../support/sample.ts';
import {
  aSnapshot,
  at,
  DAY,
  HOUR,
  id,
  T0,
  type VersionBuilder,
  v,
} from '../../support/snapshot.ts';

const read = (...versions: VersionBuilder[]): Version => {
  const [version] = parseLedger(aSnapshot(...versions)).versions;
  if (!version) throw new Error('no version');
  return version;
};
const note = { issuedAt: T0, spec: 'cafe0001', reason: 'requested', id: 'c' };
const failure = {
  failures: 2,
  at: T0,
  until: at(HOUR),
  code: 'refused',
  spec: 'cafe0001',
} as const;

describe('a staging label', () => {
  test('a credential label is read back as written, for any credential id', () => {
    const ids = fc.oneof(
      fc.string({ minLength: 1, maxLength: 45 }),
      fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }),
      fc.string({
        minLength: 1,
        maxLength: 8,
        unit: fc.constantFrom(':', '%', '%3A', '/', ' ', '-'),
      }),
    );
    const places = fc.record({
      provider: fc.constantFrom('ionos', 'huawei-swr-enterprise'),
      place: fc.constant('place001'),
    });
    fc.assert(
      fc.property(
        ids,
        fc.option(places, { nil: undefined }),
        fc.boolean(),
        (credentialId, place, expires) => {
          const written = {
            ...note,
            id: credentialId,
            ...place,
            ...(expires && { expiresAt: at(DAY) }),
          };
          const label = labels.credential(id('a'), written);
          expect(label.length).toBeLessThanOrEqual(256);
          expect(read(v('a').stage(label)).credential).toEqual(written);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('labels of candidates, failures, used ids and retirements are read back as written', () => {
    const candidate = {
      since: T0,
      kind: 'rollback',
      base: 'abcd1234',
      promotion: 'b0123abcd',
    } as const;
    expect(read(v('a').stage(labels.candidate(id('a'), candidate))).candidate).toEqual(candidate);
    const backoff = { ...failure, untold: 'verify' };
    expect(read(v('a').stage(labels.backoff(id('a'), backoff))).backoff).toEqual(backoff);
    const revoke = { ...failure, confirmedAt: at(-HOUR) };
    expect(read(v('a').stage(labels.revokeBackoff(id('a'), revoke))).revokeBackoff).toEqual(revoke);
    const both = { ...revoke, untold: 'prove' };
    expect(read(v('a').stage(labels.revokeBackoff(id('a'), both))).revokeBackoff).toEqual(both);
    expect(read(v('a').used(T0, 3, 'a:b/%41')).used).toEqual({
      at: T0,
      attempt: 3,
      orphan: 'a:b/%41',
    });
    expect(read(v('a').used(T0, 3)).used).toEqual({ at: T0, attempt: 3 });
    const retired = read(v('a').stage(labels.revokeAfter(id('a'), at(HOUR), 'r0123abcd', T0)));
    expect(retired).toMatchObject({
      revokeAfter: at(HOUR),
      retirement: { at: T0, promotion: 'r0123abcd' },
    });
    const refused = read(v('a').stage(labels.refused(id('a'), T0, 2, 'ab12cd34'))).refused;
    expect(refused).toEqual({ at: T0, times: 2, host: 'ab12cd34' });
  });

  test('the time in a revoke-after label is never earlier than the given one', () => {
    expect(read(v('a').revokeAfter(at(1), undefined, T0)).revokeAfter).toEqual(at(1000));
  });

  test('a label that is too long is an error, not truncated', () => {
    expect(() => labels.credential(id('a'), { ...note, id: 'x'.repeat(250) })).toThrow(RekeyError);
  });

  test.each(['run:1', 'a%3Ab', 'sweep/2026-01-15T09:30:00Z', 'ü 日本', 'x'.repeat(128)])(
    'the label of a request keeps the correlation id %j',
    (correlationId) => {
      expect(read(v('a').requested(T0, correlationId)).requested).toEqual({
        at: T0,
        correlationId,
      });
      expect(read(v('a').compromised(T0, correlationId)).reported).toEqual({
        at: T0,
        first: T0,
        correlationId,
      });
      const rollback = { at: T0, to: id('b'), correlationId };
      expect(read(v('a').rollback(T0, 'b', correlationId)).rollback).toEqual(rollback);
    },
  );

  test('the label of a request drops a correlation id that does not fit', () => {
    const long = '日'.repeat(128);
    for (const label of [
      labels.requested(id('a'), T0, long),
      labels.rollback(id('a'), T0, id('b'), long),
    ])
      expect(label.length).toBeLessThanOrEqual(256);
    expect(read(v('a').requested(T0, long)).requested).toEqual({ at: T0 });
    expect(read(v('a').compromised(T0, long)).reported).toEqual({ at: T0, first: T0 });
    expect(read(v('a').rollback(T0, 'b', long)).rollback).toEqual({ at: T0, to: id('b') });
  });

  test('the label of a request keeps its gate, with and without a correlation id', () => {
    const held = 'too-many-alive';
    expect(read(v('a').requested(T0, 'run:1', held)).requested).toEqual({
      at: T0,
      correlationId: 'run:1',
      held,
    });
    expect(read(v('a').requested(T0, undefined, held)).requested).toEqual({ at: T0, held });
    const first = at(-HOUR);
    expect(read(v('a').compromised(T0, 'run:1', held, first)).reported).toEqual({
      at: T0,
      first,
      correlationId: 'run:1',
      held,
    });
    // the correlation id is dropped if the label is too long with it
    const long = '日'.repeat(128);
    expect(read(v('a').requested(T0, long, held)).requested).toEqual({ at: T0, held });
    expect(read(v('a').compromised(T0, long, held, first)).reported).toEqual({
      at: T0,
      first,
      held,
    });
  });

  test('the label of a request accepts a correlation id that is not well-formed text', () => {
    expect(read(v('a').compromised(T0, '\ud800')).reported).toMatchObject({ at: T0 });
  });

  test('the label of another version is ignored: a person moved it', () => {
    const foreign = v('b')
      .issued(T0)
      .candidate('c')
      .revokeAfter(T0)
      .disabled(T0)
      .requested(T0)
      .compromised(T0)
      .used(T0);
    foreign
      .backoff(3, T0, at(DAY))
      .backoff(3, T0, at(DAY), 'revoke-backoff')
      .rollback(T0, 'c')
      .refused(T0, 2)
      .removed(T0);
    const moved = v('a').stage(...foreign.stages);
    const { labels: there, ...rest } = read(moved);
    expect(rest).toEqual({
      id: id('a'),
      current: false,
      pending: false,
      previous: false,
      staged: false,
    });
    expect(there).toHaveLength(foreign.stages.length);
  });

  test('a label of a newer format is left alone, and takes up room', () => {
    const newer = v('a').stage(
      ...v('a')
        .issued(T0)
        .disabled(T0)
        .stages.map((label) => label.replace('rekey:1:', 'rekey:2:')),
    );
    const version = read(newer);
    expect([version.credential, version.disabledAt, ownLabels(version)]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(parseLedger(aSnapshot(newer)).free).toBe(18);
  });

  test('any text is accepted as a label, and read only if rekey wrote it', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `rekey:1:${text}`),
      fc.string().map((text) => `rekey:1:credential:x:${text}`),
      fc
        .constantFrom('constructor', '__proto__', 'toString')
        .map((kind) => `rekey:1:${kind}:${labels.warned(id('a'), T0).slice(15)}`),
    );
    fc.assert(
      fc.property(fc.array(texts), (stages) => {
        const { labels: _, ...rest } = read(v('a').stage(...stages));
        expect(Object.keys(rest).sort()).toEqual([
          'current',
          'id',
          'pending',
          'previous',
          'staged',
        ]);
      }),
    );
  });
});
