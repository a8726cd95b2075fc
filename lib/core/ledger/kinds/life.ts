import { ceilSecond, latest, parseStamp, stamp } from '../../time.ts';
import { decode, NONE } from '../format.ts';
import type { CandidateNote, CredentialNote, Retirement, Version } from '../version.ts';
import { type LabelKind, timed } from './kind.ts';

/** The kinds of labels for the life of a version. */
export const life = {
  /** A credential that may be alive. Its id comes last, since it is the longest. */
  credential: {
    write: ({ issuedAt, expiresAt, spec, reason, id, provider, place }: CredentialNote) => [
      stamp(issuedAt),
      expiresAt ? stamp(expiresAt) : 'never',
      spec,
      reason,
      provider ?? NONE,
      place ?? NONE,
      encodeURIComponent(id),
    ],
    read: timed((issuedAt, rest) => {
      const [expires = '', spec, reason, provider = NONE, place = NONE, id] = rest;
      if (!spec || !reason || !id) return {};
      const expiresAt = parseStamp(expires);
      const origin = { ...(provider !== NONE && { provider }), ...(place !== NONE && { place }) };
      const note = { issuedAt, ...(expiresAt && { expiresAt }), spec, reason, ...origin };
      return { credential: { ...note, id: decode(id) } };
    }),
  },

  /** It waits for its promotion. */
  candidate: {
    write: ({ since, kind, base, promotion }: CandidateNote) => [
      stamp(since),
      kind,
      base,
      promotion,
    ],
    read: timed(readCandidate),
  },

  /**
   * It is superseded, and may be revoked from `at` on. `promotion`: the promotion that supersedes
   * it; absent if a person superseded it. `retiredAt`: when the label was written.
   */
  'revoke-after': {
    write: (at: Date, promotion = NONE, retiredAt = at) => [
      stamp(ceilSecond(at)),
      promotion,
      stamp(retiredAt),
    ],
    read: timed((revokeAfter, [promotion = NONE, written = ''], known) => {
      const retirement = { promotion, at: parseStamp(written) ?? revokeAfter, revokeAfter };
      const retirements = [...(known.retirements ?? []), retirement];
      return { retirements, ...latestRetirement(retirements) };
    }),
  },

  /** From `at` on it may be revoked. `of`: the candidate that was not promoted. */
  discarded: {
    write: (at: Date, of?: CandidateNote) => [
      stamp(at),
      ...(of ? [of.promotion, stamp(of.since), of.kind, of.base] : [NONE]),
    ],
    read: timed((at, [promotion = NONE, text = '', kind = '', base = ''], known) => {
      const since = parseStamp(text);
      const candidate = since && readCandidate(since, [kind, base, promotion], known);
      return {
        ...(!known.retirement && { revokeAfter: at }),
        discarded: { at, promotion, ...candidate },
      };
    }),
  },

  /** Its end was announced. */
  warned: {
    write: (at: Date) => [stamp(at)],
    read: timed((at, _, known) => ({ warned: latest(at, known.warned ?? at) })),
  },

  /** It is in its soak. `unannounced`: how its death was proven, until that is announced. */
  disabled: {
    write: (at: Date, unannounced = NONE) => [stamp(at), unannounced],
    read: timed((at, [unannounced = NONE], known) => {
      if (known.disabledAt && known.disabledAt > at) return {};
      const announced = unannounced === NONE || Number(known.disabledAt) === Number(at);
      return { disabledAt: at, ...(!announced && { disabledUntold: unannounced }) };
    }),
  },

  /**
   * No credential can be stored under its id. `attempt`: the attempt that the id belongs to.
   * `orphan`: the id of a credential that was issued for it, until that is revoked and announced.
   */
  used: {
    write: (at: Date, attempt = 0, orphan?: string) => [
      stamp(at),
      String(attempt),
      orphan ? encodeURIComponent(orphan) : NONE,
    ],
    read: timed((at, [attempt = '0', orphan = NONE]) => ({
      used: {
        at,
        attempt: Number(attempt) || 0,
        ...(orphan !== NONE && { orphan: decode(orphan) }),
      },
    })),
  },

  /** Its target left the fleet, and that was announced. */
  removed: {
    write: (at: Date) => [stamp(at)],
    read: timed((at) => ({ removedAt: at })),
  },

  /** The placeholder of a retired target. */
  retired: {
    write: (at: Date) => [stamp(at)],
    read: timed((at) => ({ removedAt: at, retired: true })),
  },
} as const satisfies Readonly<Record<string, LabelKind>>;

/** Parses the purpose of a candidate. The later of two candidates counts. */
function readCandidate(
  since: Date,
  [kind, base, promotion]: readonly string[],
  known: Version,
): { readonly candidate?: CandidateNote } {
  if (known.candidate && known.candidate.since > since) return {};
  if ((kind !== 'rotation' && kind !== 'rollback') || !base || !promotion) return {};
  return { candidate: { since, kind, base, promotion } };
}

/** The latest retirement counts; within a second, the retirement with the later end. */
export function latestRetirement(
  all: readonly Retirement[],
): Pick<Version, 'revokeAfter' | 'retirement'> {
  const [last] = [...all].sort(
    (a, b) => Number(b.at) - Number(a.at) || Number(b.revokeAfter) - Number(a.revokeAfter),
  );
  return last
    ? { revokeAfter: last.revokeAfter, retirement: { promotion: last.promotion, at: last.at } }
    : {};
}
