import type { Snapshot } from '../ports.ts';
import { earliest, plus, SECOND } from '../time.ts';
import { latestRetirement } from './kinds/life.ts';
import { digest, parseLabel } from './labels.ts';
import type { Ledger, Version } from './version.ts';
import { LABEL_LIMIT, rolledBackAt, wasPromoted } from './views.ts';

/** Parses the ledger of a secret. An unknown label is left alone. */
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
    unannounced: candidates.filter(wasPromoted).sort(currentLast),
    ...(started && { started }),
    ...(reports.length > 0 && { reportedAt: new Date(Math.max(...reports)) }),
    free: Math.max(0, LABEL_LIMIT - known.reduce((sum, version) => sum + version.labels.length, 0)),
    replicasBehind: (snapshot.replicas ?? [])
      .filter(({ inSync }) => !inSync)
      .map(({ region }) => region),
  };
}

/** The promotion of the current version is the latest, also of those in the same second. */
const currentLast = (a: Version, b: Version): number => Number(a.current) - Number(b.current);

/**
 * The oldest candidate first. A candidate that supersedes another one comes after it, also in the
 * same second.
 */
function inOrder(a: Version, b: Version): number {
  const later = Number(a.candidate?.since) - Number(b.candidate?.since);
  if (later !== 0) return later;
  if (a.candidate?.base === digest(b.id)) return 1;
  return b.candidate?.base === digest(a.id) || a.id < b.id ? -1 : 1;
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
 * Restores a candidate that one worker discarded while another promoted it: it was current, and
 * that was not announced.
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

/** A version without some of its facts. */
function without(version: Version, ...keys: readonly (keyof Version)[]): Version {
  return Object.fromEntries(
    Object.entries(version).filter(([key]) => !keys.includes(key as keyof Version)),
  ) as unknown as Version;
}

/**
 * Leaves out facts that belong to another life of a version: a retirement by a promotion that did
 * not happen and, on a version that is current (again), requests and failures from before it was
 * superseded, or from before the rollback to it began.
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
    return withoutEarlierLife(
      left,
      candidate?.kind === 'rollback' ? candidate.since : plus(happened.retirement.at, SECOND),
    );
  });
}

/** A version that became current again at `since`, without older requests and failures. */
function withoutEarlierLife(version: Version, since: Date): Version {
  const { requested, rollback, refused, backoff } = version;
  const stale = (['requested', 'rollback', 'refused', 'backoff'] as const).filter((key) => {
    const note = { requested, rollback, refused, backoff }[key];
    return note !== undefined && note.at < since;
  });
  return without(version, ...stale, 'warned');
}

/** The time of the first report after the credential was issued, and its confirmation. */
function compromise(
  { credential }: Version,
  versions: readonly Version[],
): Pick<Version, 'compromisedAt' | 'confirmation'> {
  const covers = (at: Date) => credential !== undefined && credential.issuedAt <= at;
  const reports = versions.flatMap(({ reported }) => reported ?? []).filter(({ at }) => covers(at));
  if (reports.length === 0) return {};
  const compromisedAt = earliest(...reports.flatMap(({ first, at }) => [first, at].filter(covers)));
  const confirmations = reports.flatMap(({ confirmation }) => confirmation ?? []);
  if (confirmations.some((one) => one instanceof Date && covers(one)))
    return { compromisedAt, confirmation: 'given' };
  return {
    compromisedAt,
    ...(confirmations.some((one) => typeof one === 'string') && { confirmation: 'awaited' }),
  };
}
