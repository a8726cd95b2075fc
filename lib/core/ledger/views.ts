import { isRollback } from '../ids/label.ts';
import { digest, type Kind, PREFIX } from './labels.ts';
import type { CandidateNote, CredentialNote, Ledger, Version } from './version.ts';

/** Secrets Manager's quota of staging labels over all versions of a secret. */
export const LABEL_LIMIT = 20;

/** The labels of one kind on a version, as they stand there. */
export const labelsOf = (version: Version, ...kinds: readonly Kind[]): readonly string[] =>
  version.labels.filter((label) => kinds.some((kind) => label.startsWith(`${PREFIX}${kind}:`)));

/** A label of rekey's. */
export const isOwn = (label: string): boolean => label.startsWith(PREFIX);

/** All labels of rekey's on a version. */
export const ownLabels = (version: Version): readonly string[] => version.labels.filter(isOwn);

/**
 * A version whose credential is alive, is neither current nor a candidate, and so is to be revoked.
 */
export const superseded = (
  version: Version,
): version is Version & { readonly credential: CredentialNote } =>
  version.credential !== undefined &&
  !version.current &&
  (!version.candidate || wasPromoted(version));

/** A candidate that was current already; a later promotion has retired it. */
export const wasPromoted = ({ current, previous, candidate, retirement }: Version): boolean =>
  candidate !== undefined &&
  (current ||
    // a person has put another value over it
    (previous && candidate.kind === 'rotation') ||
    (retirement !== undefined && retirement.at >= candidate.since));

/**
 * Labels of rekey's on a version that say nothing any more: all of a dead one's, and what asked to
 * supersede one that is. A report of compromise stays while anything it speaks of is alive, and a
 * promotion that was not announced while it is not.
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
  // one that Secrets Manager has just begun with has none of rekey's labels yet
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

/** Somebody can log in with it: it is neither disabled nor expired. */
export const isAlive = ({ credential, disabledAt }: Version, now: Date): boolean =>
  credential !== undefined && !disabledAt && !(credential.expiresAt && credential.expiresAt <= now);

/** What is alive behind a secret, also behind one that is scheduled for deletion. */
export const aliveBehind = ({ versions }: Ledger, now: Date): readonly Version[] =>
  versions.filter((version) => isAlive(version, now));

/** The version that a candidate is to supersede, or has superseded; `undefined` once it is gone. */
export const baseOf = (
  { versions }: Pick<Ledger, 'versions'>,
  candidate: Pick<CandidateNote, 'base'> | undefined,
): Version | undefined => versions.find(({ id }) => digest(id) === candidate?.base);

/** The last candidate that failed to supersede this version: it tells which ids are used up. */
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
 * When this version became current by a rollback: no rotation that was begun before that may undo
 * it.
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
