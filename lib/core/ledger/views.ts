import { isRollback } from '../ids/label.ts';
import { digest, type Kind, PREFIX } from './labels.ts';
import type { CandidateNote, CredentialNote, Ledger, Version } from './version.ts';

/** Secrets Manager's quota of staging labels over all versions of a secret. */
export const LABEL_LIMIT = 20;

/** The labels of these kinds on a version, as text. */
export const labelsOf = (version: Version, ...kinds: readonly Kind[]): readonly string[] =>
  version.labels.filter((label) => kinds.some((kind) => label.startsWith(`${PREFIX}${kind}:`)));

/** True for a label that rekey wrote. */
export const isOwn = (label: string): boolean => label.startsWith(PREFIX);

/** All labels on a version that rekey wrote. */
export const ownLabels = (version: Version): readonly string[] => version.labels.filter(isOwn);

/**
 * True for a version that has to be revoked: its credential may be alive, and it is neither current
 * nor a candidate.
 */
export const superseded = (
  version: Version,
): version is Version & { readonly credential: CredentialNote } =>
  version.credential !== undefined &&
  !version.current &&
  (!version.candidate || wasPromoted(version));

/** True for a candidate that is current, or was: a later promotion has retired it. */
export const wasPromoted = ({ current, previous, candidate, retirement }: Version): boolean =>
  candidate !== undefined &&
  (current ||
    // a person has stored another value after it
    (previous && candidate.kind === 'rotation') ||
    (retirement !== undefined && retirement.at >= candidate.since));

/**
 * Obsolete labels of rekey on a version: all labels of a dead version, and the requests and
 * failures on a superseded one. A report of compromise stays while a credential that it covers is
 * alive, and an outcome stays until it is announced.
 */
export function settled(
  { versions, current }: Pick<Ledger, 'versions' | 'current'>,
  version: Version,
): readonly string[] {
  if (version.current || version.pending) return [];
  const { reported } = version;
  const open =
    reported !== undefined &&
    versions.some(({ credential }) => credential && credential.issuedAt <= reported.at);
  const gone = version.credential
    ? labelsOf(version, 'requested', 'refused', 'backoff')
    : ownLabels(version);
  // a rotation that Secrets Manager has just begun has no label of rekey yet
  const rest = version.staged && ownLabels(version).length > 0 ? [...gone, 'AWSPENDING'] : gone;
  const kept = [
    ...(open || version.credential ? labelsOf(version, 'compromised') : []),
    ...(version.rollback && !isRollback(version.retirement?.promotion ?? '')
      ? labelsOf(version, 'rollback')
      : []),
    ...(version.backoff?.untold ? labelsOf(version, 'backoff') : []),
    ...(version.discarded && version === lastDiscarded(versions, current)
      ? labelsOf(version, 'discarded')
      : []),
  ];
  return rest.filter(
    (label) =>
      !kept.includes(label) && !(version.used?.orphan && label.startsWith(`${PREFIX}used:`)),
  );
}

/** True if a login with it works: it is neither disabled nor expired. */
export const isAlive = ({ credential, disabledAt }: Version, now: Date): boolean =>
  credential !== undefined && !disabledAt && !(credential.expiresAt && credential.expiresAt <= now);

/**
 * The versions of a secret whose credential works, also if the secret is scheduled for deletion.
 */
export const aliveBehind = ({ versions }: Ledger, now: Date): readonly Version[] =>
  versions.filter((version) => isAlive(version, now));

/** The version that a candidate supersedes; `undefined` once it has disappeared. */
export const baseOf = (
  { versions }: Pick<Ledger, 'versions'>,
  candidate: Pick<CandidateNote, 'base'> | undefined,
): Version | undefined => versions.find(({ id }) => digest(id) === candidate?.base);

/** The last candidate that failed to supersede this version: it shows which ids are used up. */
export function lastDiscarded(
  versions: readonly Version[],
  base: Pick<Version, 'id'> | undefined,
): Version | undefined {
  const since = ({ discarded }: Version) => Number(discarded?.candidate?.since);
  const attempts = versions.filter(({ discarded }) => {
    const { kind, base: over } = discarded?.candidate ?? {};
    return base && kind === 'rotation' && over === digest(base.id);
  });
  return attempts.sort((a, b) => since(b) - since(a))[0];
}

/**
 * The time at which this version became current by a rollback. A rotation that began earlier must
 * not undo that.
 */
export function rolledBackAt(
  versions: readonly Version[],
  current: Pick<Version, 'id'> | undefined,
): Date | undefined {
  const times = versions.flatMap(({ rollback, retirement }) =>
    current && rollback?.to === current.id && retirement && isRollback(retirement.promotion)
      ? [Number(retirement.at)]
      : [],
  );
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}
