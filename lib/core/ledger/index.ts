import { isRollback } from '../ids/label.ts';
import type { Snapshot } from '../ports.ts';
import { earliest, plus, SECOND } from '../time.ts';
import { latestRetirement } from './kinds/life.ts';
import { digest, type Kind, PREFIX, parseLabel } from './labels.ts';
import type { CandidateNote, CredentialNote, Ledger, Version } from './version.ts';

export { digest, labels } from './labels.ts';
export type * from './version.ts';

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

/** Reads the ledger of a secret. A label that is not understood is left alone. */
export function parseLedger(snapshot: Snapshot): Ledger {
  const parsed = Object.entries(snapshot.versions).map(([id, stages]) =>
    promotedAnyway(parseVersion(id, stages)),
  );
  const known = withoutStale(parsed).map((version) => ({
    ...version,
    ...compromise(version, parsed),
  }));
  const current = known.find((version) => version.current);
  const candidates = known
    .filter(({ candidate, credential }) => candidate && credential)
    .sort(inOrder);
  const live = candidates.filter((version) => !wasPromoted(version));
  const since = rolledBackAt(known, current);
  const good = live.filter(
    ({ candidate, compromisedAt }) =>
      current &&
      candidate?.base === digest(current.id) &&
      !compromisedAt &&
      (!since || candidate.since > since),
  );
  const pending = good.find(({ candidate }) => candidate?.kind === 'rollback') ?? good[0];
  const started = known.find(
    (version) => version.staged && !version.credential && !version.current,
  );
  const reports = known.flatMap(({ reported }) => (reported ? [Number(reported.at)] : []));
  return {
    arn: snapshot.arn,
    name: snapshot.name,
    deleted: snapshot.deletedAt !== undefined,
    versions: known,
    ...(current && { current }),
    candidates: good,
    ...(pending && { pending }),
    strays: live.filter((version) => !good.includes(version)),
    unannounced: candidates.filter(wasPromoted),
    ...(started && { started }),
    ...(reports.length > 0 && { reportedAt: new Date(Math.max(...reports)) }),
    free: Math.max(0, LABEL_LIMIT - known.reduce((sum, version) => sum + version.labels.length, 0)),
    replicasBehind: (snapshot.replicas ?? [])
      .filter(({ inSync }) => !inSync)
      .map(({ region }) => region),
  };
}

/** One that supersedes another comes after it, also in the same second. */
function inOrder(a: Version, b: Version): number {
  const later = Number(a.candidate?.since) - Number(b.candidate?.since);
  if (later !== 0) return later;
  if (a.candidate?.base === digest(b.id)) return 1;
  return b.candidate?.base === digest(a.id) || a.id < b.id ? -1 : 1;
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

function parseVersion(id: string, stages: readonly string[]): Version {
  const version = {
    id,
    labels: stages,
    current: stages.includes('AWSCURRENT'),
    pending: false,
    previous: stages.includes('AWSPREVIOUS'),
    staged: stages.includes('AWSPENDING'),
  };
  const parsed = stages.reduce<Version>(
    (known, label) => Object.assign(known, parseLabel(label, known)),
    version,
  );
  return { ...parsed, pending: parsed.candidate !== undefined };
}

/**
 * A candidate that one worker discarded while another promoted it: it was current, and nobody was
 * told.
 */
function promotedAnyway(version: Version): Version {
  const { discarded, current, retirements = [] } = version;
  const candidate = version.candidate ?? discarded?.candidate;
  if (!discarded || !candidate || candidate.promotion !== discarded.promotion) return version;
  if (!current && !retirements.some(({ at }) => at >= candidate.since)) return version;
  return {
    ...without(version, 'discarded', 'revokeAfter'),
    ...latestRetirement(retirements),
    candidate,
    pending: true,
  };
}

/** A version without some of what its labels say. */
function without(version: Version, ...keys: readonly (keyof Version)[]): Version {
  return Object.fromEntries(
    Object.entries(version).filter(([key]) => !keys.includes(key as keyof Version)),
  ) as unknown as Version;
}

/**
 * Leaves out what belongs to another life of a version: a retirement by a promotion that did not
 * happen, and on a version that is current (again) whatever was said of it before it was
 * superseded, or before the rollback to it began.
 */
function withoutStale(versions: readonly Version[]): Version[] {
  const undone = new Set<string>();
  for (const { candidate, discarded, current, ...version } of versions) {
    if (discarded) undone.add(discarded.promotion);
    else if (candidate && !wasPromoted({ ...version, candidate, current }))
      undone.add(candidate.promotion);
  }
  undone.delete('-');
  return versions.map((version) => {
    const { retirements = [], current, candidate } = version;
    if (retirements.length === 0) return version;
    const happened = latestRetirement(
      retirements.filter(({ promotion }) => !undone.has(promotion)),
    );
    const left = { ...without(version, 'revokeAfter', 'retirement'), ...happened };
    if (!happened.retirement || !current) return left;
    return outlived(
      left,
      candidate?.kind === 'rollback' ? candidate.since : plus(happened.retirement.at, SECOND),
    );
  });
}

/** A version that became current again at this time, without what was said of it before. */
function outlived(version: Version, since: Date): Version {
  const { requested, rollback, refused, backoff } = version;
  const stale = (['requested', 'rollback', 'refused', 'backoff'] as const).filter((key) => {
    const said = { requested, rollback, refused, backoff }[key];
    return said !== undefined && said.at < since;
  });
  return without(version, ...stale, 'warned');
}

/** When the credential of a version was first reported after it was issued. */
function compromise(
  { credential }: Version,
  versions: readonly Version[],
): Pick<Version, 'compromisedAt' | 'confirmation'> {
  const speaksOf = (at: Date) => credential !== undefined && credential.issuedAt <= at;
  const reports = versions
    .flatMap(({ reported }) => reported ?? [])
    .filter(({ at }) => speaksOf(at));
  if (reports.length === 0) return {};
  const compromisedAt = earliest(
    ...reports.flatMap(({ first, at }) => [first, at].filter(speaksOf)),
  );
  const words = reports.flatMap(({ confirmation }) => confirmation ?? []);
  if (words.some((word) => word instanceof Date && speaksOf(word)))
    return { compromisedAt, confirmation: 'given' };
  return {
    compromisedAt,
    ...(words.some((word) => typeof word === 'string') && { confirmation: 'awaited' }),
  };
}

/** The snapshot after a label was attached, removed or moved, as Secrets Manager leaves it. */
export function relabelled(
  snapshot: Snapshot,
  label: string,
  { from, to }: { from?: string; to?: string },
): Snapshot {
  const versions: Record<string, readonly string[]> = { ...snapshot.versions };
  const take = (id: string, name: string) => {
    const left = (versions[id] ?? []).filter((stage) => stage !== name);
    if (left.length > 0) versions[id] = left;
    else delete versions[id];
  };
  const give = (id: string, name: string) => {
    for (const other of Object.keys(versions)) take(other, name);
    versions[id] = [...(versions[id] ?? []), name];
  };
  if (to) give(to, label);
  if (from && from !== to) {
    take(from, label);
    if (label === 'AWSCURRENT') give(from, 'AWSPREVIOUS');
  }
  return { ...snapshot, versions };
}
