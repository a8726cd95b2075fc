import { createHash } from 'node:crypto';
import { errorCodes, RekeyError } from '../errors.ts';
import { ceilSecond, latest, parseStamp, stamp } from '../time.ts';
import type {
  Backoff,
  CandidateNote,
  Confirmation,
  CredentialNote,
  Report,
  Request,
  Retirement,
  RevokeBackoff,
  Version,
} from './version.ts';

/*
 * How the ledger is written in staging labels, and read again:
 *
 *     rekey:1:<kind>:<digest of the version id>:<field>[:<field>…]        at most 256 characters, no secret
 *
 * The number is the version of this format: a later release reads it, and a label with another number is left alone. A label
 * whose digest is that of another version was moved by hand, and says nothing.
 */
export const PREFIX = 'rekey:1:';

/** The longest staging label that Secrets Manager takes. */
const LONGEST = 256;

export type Kind =
  | 'credential'
  | 'candidate'
  | 'revoke-after'
  | 'discarded'
  | 'warned'
  | 'disabled'
  | 'requested'
  | 'compromised'
  | 'rollback'
  | 'backoff'
  | 'revoke-backoff'
  | 'used'
  | 'refused'
  | 'removed'
  | 'retired';

/** Eight hex digits that stand for a version in a label. */
export const digest = (version: string): string =>
  createHash('sha256').update(version).digest('hex').slice(0, 8);

/** Stands for a field that is not set. */
const NONE = '-';

const written = (kind: Kind, version: string, fields: readonly string[]): string =>
  `${PREFIX}${[kind, digest(version), ...fields].join(':')}`;

function format(kind: Kind, version: string, ...fields: readonly string[]): string {
  const label = written(kind, version, fields);
  if (label.length > LONGEST)
    throw new RekeyError(
      'bad-answer',
      `a staging label of ${label.length} characters does not fit, ${LONGEST} are allowed: the credential's id is too long`,
    );
  return label;
}

/**
 * A label that does without the correlation id rather than not fit: that is a convenience, the
 * request is not. `more`: what was added to the format later.
 */
function formatRequest(
  kind: Kind,
  version: string,
  fields: readonly string[],
  { correlationId, held = NONE }: Asked,
  ...more: readonly string[]
): string {
  const asker = correlationId ? encodeURIComponent(correlationId.toWellFormed()) : NONE;
  const label = written(kind, version, [...fields, asker, held, ...more]);
  return label.length > LONGEST ? written(kind, version, [...fields, NONE, held, ...more]) : label;
}

type Asked = Omit<Request, 'at'>;
const asked = (correlationId: string | undefined, held?: string): Asked => ({
  ...(correlationId && { correlationId }),
  ...(held && { held }),
});

const optional = (time: Date | undefined): string => (time ? stamp(time) : NONE);

/** A note before it is written: all of it may be undefined, but for these. */
type Written<Note, Needed extends keyof Note> = Pick<Note, Needed> & {
  readonly [Key in keyof Note]?: Note[Key] | undefined;
};

/** The staging labels rekey writes. */
export const labels = {
  credential: (
    version: string,
    { issuedAt, expiresAt, spec, reason, id, provider, place }: CredentialNote,
  ) =>
    format(
      'credential',
      version,
      ...[
        stamp(issuedAt),
        expiresAt ? stamp(expiresAt) : 'never',
        spec,
        reason,
        provider ?? NONE,
        place ?? NONE,
      ],
      encodeURIComponent(id),
    ),
  candidate: (version: string, { since, kind, base, promotion }: CandidateNote) =>
    format('candidate', version, stamp(since), kind, base, promotion),
  /**
   * `promotion`: the one that supersedes the version; without it a person did. `retiredAt`: when
   * this was written.
   */
  revokeAfter: (version: string, at: Date, promotion = NONE, retiredAt = at) =>
    format('revoke-after', version, stamp(ceilSecond(at)), promotion, stamp(retiredAt)),
  /** From `at` it may be revoked. `of`: the candidate that was not promoted. */
  discarded: (version: string, at: Date, of?: CandidateNote) =>
    format(
      'discarded',
      version,
      stamp(at),
      ...(of ? [of.promotion, stamp(of.since), of.kind, of.base] : [NONE]),
    ),
  warned: (version: string, at: Date) => format('warned', version, stamp(at)),
  /** `untold`: how it was proven, while that could not be announced. */
  disabled: (version: string, at: Date, untold = NONE) =>
    format('disabled', version, stamp(at), untold),
  requested: (version: string, at: Date, correlationId?: string, held?: string) =>
    formatRequest('requested', version, [stamp(at)], asked(correlationId, held)),
  /** The whole report: what is left out is forgotten. */
  compromised: (
    version: string,
    { at, first = at, correlationId, held, confirmation }: Written<Report, 'at'>,
  ) => {
    const more = confirmation
      ? [typeof confirmation === 'string' ? confirmation : stamp(confirmation)]
      : [];
    return formatRequest(
      'compromised',
      version,
      [stamp(at), stamp(first)],
      asked(correlationId, held),
      ...more,
    );
  },
  rollback: (version: string, at: Date, to: string, correlationId?: string) =>
    formatRequest('rollback', version, [stamp(at), to], asked(correlationId)),
  backoff: (version: string, { failures, at, until, code, spec, untold }: Backoff) =>
    format(
      'backoff',
      version,
      String(failures),
      stamp(at),
      stamp(until),
      code,
      spec,
      untold ?? NONE,
    ),
  revokeBackoff: (
    version: string,
    { failures, at, until, code, spec, untold, confirmedAt }: RevokeBackoff,
  ) =>
    format(
      'revoke-backoff',
      version,
      ...[
        String(failures),
        stamp(at),
        stamp(until),
        code,
        spec,
        untold ?? NONE,
        optional(confirmedAt),
      ],
    ),
  refused: (version: string, at: Date, times: number, host = NONE) =>
    format('refused', version, stamp(at), String(times), host),
  /**
   * `attempt`: which one its id belongs to. `orphan`: what was issued under it and is to be
   * revoked, and told.
   */
  used: (version: string, at: Date, attempt = 0, orphan?: string) =>
    format('used', version, stamp(at), String(attempt), orphan ? encodeURIComponent(orphan) : NONE),
  removed: (version: string, at: Date) => format('removed', version, stamp(at)),
  retired: (version: string, at: Date) => format('retired', version, stamp(at)),
};

type Parsed = Partial<Version>;
type Parser = (at: Date, rest: readonly string[], known: Version) => Parsed;

/** How each label that begins with a time is read. */
const parsers: Partial<Record<string, Parser>> = {
  credential: parseCredential,
  candidate: parseCandidate,
  'revoke-after': (at, [promotion = NONE, written = ''], known) => {
    const retiredAt = parseStamp(written) ?? at;
    const retirements = [
      ...(known.retirements ?? []),
      { promotion, at: retiredAt, revokeAfter: at },
    ];
    return { retirements, ...latestRetirement(retirements) };
  },
  discarded: (at, [promotion = NONE, since = '', kind = '', base = ''], known) => ({
    ...(!known.retirement && { revokeAfter: at }),
    discarded: {
      at,
      promotion,
      ...parseCandidate(parseStamp(since), [kind, base, promotion], known),
    },
  }),
  warned: (at, _, known) => ({ warned: latest(at, known.warned ?? at) }),
  disabled: (at, [untold = NONE], known) => {
    if (known.disabledAt && known.disabledAt > at) return {};
    const told = untold === NONE || Number(known.disabledAt) === Number(at);
    return { disabledAt: at, ...(!told && { disabledUntold: untold }) };
  },
  requested: (at, rest, known) => newest('requested', { at, ...parseAsked(rest) }, known),
  compromised: (at, [first = '', ...rest], known) => {
    const confirmation = parseConfirmation(rest[2]);
    const report = {
      at,
      first: parseStamp(first) ?? at,
      ...parseAsked(rest),
      ...(confirmation && { confirmation }),
    };
    return newest('reported', report, known);
  },
  rollback: (at, [to, ...rest], known) =>
    to ? newest('rollback', { at, to, ...parseAsked(rest) }, known) : {},
  refused: (at, [count, host = NONE], known) => {
    const times = Number(count);
    const before = known.refused;
    const order = before ? times - before.times || Number(at) - Number(before.at) : 0;
    if (!Number.isInteger(times) || times < 1 || order < 0) return {};
    return { refused: { at, times, ...(host !== NONE && { host }) } };
  },
  used: (at, [attempt = '0', orphan = NONE]) => ({
    used: { at, attempt: Number(attempt) || 0, ...(orphan !== NONE && { orphan: decode(orphan) }) },
  }),
  removed: (at) => ({ removedAt: at }),
  retired: (at) => ({ removedAt: at, retired: true }),
};

/** Of several retirements the last one written counts; of those of one second, the later time. */
export function latestRetirement(
  all: readonly Retirement[],
): Pick<Parsed, 'revokeAfter' | 'retirement'> {
  const [last] = [...all].sort(
    (a, b) => Number(b.at) - Number(a.at) || Number(b.revokeAfter) - Number(a.revokeAfter),
  );
  return last
    ? { revokeAfter: last.revokeAfter, retirement: { promotion: last.promotion, at: last.at } }
    : {};
}

/**
 * What a label says of its version, beside what is known of it; nothing if it is not understood.
 */
export function parseLabel(label: string, known: Version): Parsed {
  if (!label.startsWith(PREFIX)) return {};
  const [kind = '', of, first = '', ...rest] = label.slice(PREFIX.length).split(':');
  if (of !== digest(known.id)) return {};
  if (kind === 'backoff') return keep('backoff', parseBackoff(first, rest), known);
  if (kind === 'revoke-backoff') {
    const found = parseBackoff(first, rest);
    const confirmedAt = parseStamp(rest[5] ?? '');
    return keep('revokeBackoff', found && { ...found, ...(confirmedAt && { confirmedAt }) }, known);
  }
  const at = parseStamp(first);
  const parser = Object.hasOwn(parsers, kind) ? parsers[kind] : undefined;
  return (at && parser?.(at, rest, known)) ?? {};
}

function newest<Key extends 'requested' | 'reported' | 'rollback'>(
  key: Key,
  found: NonNullable<Version[Key]>,
  known: Version,
): Parsed {
  const before = known[key];
  const newer =
    !before ||
    found.at > before.at ||
    (Number(found.at) === Number(before.at) && weight(found) >= weight(before));
  return newer ? { [key]: found } : {};
}

/**
 * Of two labels of one request the one counts that was written later: a label is attached before
 * the one that it replaces is taken off.
 */
const weight = ({
  held,
  confirmation,
}: Request & { readonly confirmation?: Confirmation }): number =>
  (held ? 1 : 0) +
  2 * [undefined, 'awaited-untold', 'awaited'].indexOf(confirmation as string) +
  (confirmation instanceof Date ? 8 : 0);

function parseConfirmation(text: string | undefined): Confirmation | undefined {
  return text === 'awaited' || text === 'awaited-untold' ? text : parseStamp(text ?? '');
}

const parseAsked = ([correlationId = NONE, held = NONE]: readonly string[]): Asked =>
  asked(
    correlationId === NONE ? undefined : decode(correlationId),
    held === NONE ? undefined : held,
  );

function parseCredential(issuedAt: Date, rest: readonly string[]): Parsed {
  const [expires = '', spec, reason, provider = NONE, place = NONE, id] = rest;
  if (!spec || !reason || !id) return {};
  const expiresAt = parseStamp(expires);
  const origin = { ...(provider !== NONE && { provider }), ...(place !== NONE && { place }) };
  return {
    credential: {
      issuedAt,
      ...(expiresAt && { expiresAt }),
      spec,
      reason,
      ...origin,
      id: decode(id),
    },
  };
}

function parseCandidate(
  since: Date | undefined,
  [kind, base, promotion]: readonly string[],
  known: Version,
): Pick<Parsed, 'candidate'> {
  if (!since || (known.candidate && known.candidate.since > since)) return {};
  if ((kind !== 'rotation' && kind !== 'rollback') || !base || !promotion) return {};
  return { candidate: { since, kind, base, promotion } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseBackoff(count: string, rest: readonly string[]): Backoff | undefined {
  const [from = '', to = '', code, spec, untold = NONE] = rest;
  const [failures, at, until] = [Number(count), parseStamp(from), parseStamp(to)];
  const known = errorCodes.find((candidate) => candidate === code);
  if (!Number.isInteger(failures) || failures < 1 || !at || !until || !known || !spec)
    return undefined;
  return { failures, at, until, code: known, spec, ...(untold !== NONE && { untold }) };
}

/** A new back-off is attached before the old one is taken off: the later one counts. */
function keep(
  key: 'backoff' | 'revokeBackoff',
  found: Backoff | undefined,
  known: Version,
): Parsed {
  const before = known[key];
  const order =
    found && before ? Number(before.at) - Number(found.at) || before.failures - found.failures : -1;
  return !found || order > 0 ? {} : { [key]: found };
}
