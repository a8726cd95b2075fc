import { createHash } from 'node:crypto';
import { errorCodes, RekeyError } from './errors.ts';
import type { Backoff, CredentialNote, Version } from './ledger.ts';
import { parseStamp, stamp } from './time.ts';

/*
 * How the ledger is written in staging labels, and read again:
 *
 *     rekey:<kind>:<digest of the version id>:<time>[:<more>]        at most 256 characters, no secret
 */
export type Kind =
  | 'credential'
  | 'revoke-after'
  | 'discarded'
  | 'warned'
  | 'disabled'
  | 'requested'
  | 'asked'
  | 'compromised'
  | 'rollback'
  | 'backoff'
  | 'revoke-backoff'
  | 'burnt'
  | 'refused'
  | 'removed'
  | 'retired';

const digest = (version: string): string => createHash('sha256').update(version).digest('hex').slice(0, 8);

function format(kind: Kind, version: string, ...fields: readonly string[]): string {
  const label = ['rekey', kind, digest(version), ...fields].join(':');
  if (label.length > 256)
    throw new RekeyError(
      'bad-answer',
      `a staging label of ${label.length} characters does not fit, 256 are allowed: the credential's id is too long`,
    );
  return label;
}

/** The staging labels rekey writes. */
export const labels = {
  credential: (version: string, { issuedAt, expiresAt, spec, reason, id }: CredentialNote) =>
    format('credential', version, stamp(issuedAt), expiresAt ? stamp(expiresAt) : 'never', spec, reason, encodeURIComponent(id)),
  revokeAfter: (version: string, at: Date) => format('revoke-after', version, stamp(at)),
  discarded: (version: string, at: Date) => format('discarded', version, stamp(at)),
  warned: (version: string, at: Date) => format('warned', version, stamp(at)),
  disabled: (version: string, at: Date) => format('disabled', version, stamp(at)),
  requested: (version: string, at: Date) => format('requested', version, stamp(at)),
  asked: (version: string, at: Date) => format('asked', version, stamp(at)),
  compromised: (version: string, at: Date) => format('compromised', version, stamp(at)),
  rollback: (version: string, at: Date, to: string) => format('rollback', version, stamp(at), to),
  backoff: (kind: 'backoff' | 'revoke-backoff', version: string, { failures, at, until, code, spec }: Backoff) =>
    format(kind, version, String(failures), stamp(at), stamp(until), code, spec),
  refused: (version: string, at: Date, times: number) => format('refused', version, stamp(at), String(times)),
  burnt: (version: string, at: Date) => format('burnt', version, stamp(at)),
  removed: (version: string, at: Date) => format('removed', version, stamp(at)),
  retired: (version: string, at: Date) => format('retired', version, stamp(at)),
};

/** What a label says of its version, beside what is known of it; nothing if it is not understood. */
export function parseLabel(label: string, known: Version): Partial<Version> {
  const [, kind, , first = '', ...rest] = label.startsWith('rekey:') ? label.split(':') : [];
  const at = parseStamp(first);
  if (kind === 'backoff') return keep('backoff', parseBackoff(first, rest), known);
  if (kind === 'revoke-backoff') return keep('revokeBackoff', parseBackoff(first, rest), known);
  if (!kind || !at) return {};
  if (kind === 'credential') return parseCredential(at, rest);
  if (kind === 'revoke-after') return known.revokeAfter && known.revokeAfter > at ? {} : { revokeAfter: at };
  if (kind === 'discarded') return { revokeAfter: at, discarded: true };
  if (kind === 'warned') return { warned: at };
  if (kind === 'disabled') return { disabledAt: at };
  if (kind === 'requested') return known.requestedAt && known.requestedAt > at ? {} : { requestedAt: at };
  if (kind === 'asked') return known.askedAt && known.askedAt > at ? {} : { askedAt: at };
  if (kind === 'compromised') return known.compromisedAt && known.compromisedAt < at ? {} : { compromisedAt: at };
  if (kind === 'rollback' && rest[0]) return { rollback: { at, to: rest[0] } };
  if (kind === 'refused') return parseRefused(at, rest, known);
  if (kind === 'burnt') return { burnt: at };
  if (kind === 'removed') return { removedAt: at };
  if (kind === 'retired') return { removedAt: at, retired: true };
  return {};
}

function parseRefused(at: Date, [count]: readonly string[], known: Version): Partial<Version> {
  const times = Number(count);
  return Number.isInteger(times) && times > (known.refused?.times ?? 0) ? { refused: { at, times } } : {};
}

function parseCredential(issuedAt: Date, [expires = '', spec, reason, id]: readonly string[]): Partial<Version> {
  if (!spec || !reason || !id) return {};
  const expiresAt = parseStamp(expires);
  return { credential: { issuedAt, ...(expiresAt && { expiresAt }), spec, reason, id: decodeId(id) } };
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseBackoff(count: string, [from = '', to = '', code, spec]: readonly string[]): Backoff | undefined {
  const [failures, at, until] = [Number(count), parseStamp(from), parseStamp(to)];
  const known = errorCodes.find((candidate) => candidate === code);
  return Number.isInteger(failures) && failures > 0 && at && until && known && spec
    ? { failures, at, until, code: known, spec }
    : undefined;
}

/** A new back-off is attached before the old one is taken off: the one with more failures counts. */
function keep(key: 'backoff' | 'revokeBackoff', found: Backoff | undefined, known: Version): Partial<Version> {
  return !found || (known[key] && known[key].failures > found.failures) ? {} : { [key]: found };
}
