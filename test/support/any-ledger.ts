import fc from 'fast-check';
import { aSnapshot, aTarget, at, DAY, HOUR, MINUTE, type VersionBuilder, v } from './snapshot.ts';

/* Random ledgers, possible ones and many impossible ones. */

const time = fc
  .integer({ min: -40 * DAY, max: 10 * DAY })
  .map((ms) => at(Math.round(ms / 1000) * 1000));
const letter = fc.constantFrom('a', 'b', 'c', 'd');
const kind = fc.constantFrom('rotation', 'rollback');
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const parts = fc.record({
  issued: maybe(
    fc.tuple(
      time,
      fc.record(
        { expiresAt: time, place: fc.constantFrom('place001', 'place000') },
        { requiredKeys: [] },
      ),
    ),
  ),
  candidate: maybe(fc.tuple(letter, time, kind)),
  revokeAfter: maybe(fc.tuple(time, maybe(letter), time, kind)),
  discarded: maybe(fc.tuple(time, maybe(letter), time)),
  disabled: maybe(time),
  warned: maybe(time),
  requested: maybe(time),
  compromised: maybe(time),
  refused: maybe(fc.tuple(time, fc.integer({ min: 1, max: 3 }))),
  backoff: maybe(fc.tuple(fc.integer({ min: 1, max: 9 }), time, time)),
  revoking: maybe(fc.tuple(fc.integer({ min: 1, max: 9 }), time, time, maybe(time))),
  rollback: maybe(fc.tuple(time, letter)),
  used: maybe(fc.tuple(time, fc.integer({ min: 0, max: 3 }))),
  stages: fc.subarray(['AWSPENDING', 'AWSPREVIOUS']),
});

const version = (name: string): fc.Arbitrary<VersionBuilder> =>
  parts.map((part) => {
    const built = v(name).stage(...part.stages);
    if (part.issued) built.issued(...part.issued);
    // a version is a discarded candidate or a candidate, not both
    if (part.discarded) built.discarded(...part.discarded);
    else if (part.candidate) built.candidate(...part.candidate);
    if (part.revokeAfter) built.revokeAfter(...part.revokeAfter);
    if (part.disabled) built.disabled(part.disabled);
    if (part.warned) built.warned(part.warned);
    if (part.requested) built.requested(part.requested);
    if (part.compromised) built.compromised(part.compromised);
    if (part.refused) built.refused(...part.refused);
    if (part.backoff) built.backoff(...part.backoff);
    if (part.rollback) built.rollback(...part.rollback);
    if (part.used) built.used(...part.used);
    if (part.revoking) {
      const [failures, from, until, confirmedAt] = part.revoking;
      built.backoff(failures, from, until, 'revoke-backoff', 'unproven', {
        ...(confirmedAt && { confirmedAt }),
      });
    }
    return built;
  });

export const anySnapshot = fc
  .tuple(fc.tuple(version('a'), version('b'), version('c')), fc.constantFrom('a', 'b', 'c', ''))
  .map(([all, current]) => {
    const versions = all.map((one) => one.copy());
    versions.find((one) => one.id.charAt(0) === current)?.current();
    return aSnapshot(...versions.filter(({ stages }) => stages.length > 0));
  });

export const anyTarget = fc
  .record({
    interval: fc.integer({ min: 15 * MINUTE, max: 30 * DAY }),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
    soak: fc.constantFrom(0, HOUR, DAY),
    compromisedGrace: fc.constantFrom(0, HOUR),
    revocable: fc.boolean(),
    liveAtOnce: fc.constantFrom(2, Number.POSITIVE_INFINITY),
  })
  .map(({ share, ...change }) =>
    aTarget({ ...change, grace: Math.floor(change.interval * share) }),
  );
