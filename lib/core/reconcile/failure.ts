import {
  agenda,
  type Due,
  decide,
  isPaused,
  NEVER,
  PAUSED_AFTER,
  pauseAfter,
  revokeBackoffEnd,
} from '../decide/index.ts';
import { type ErrorCode, isRetryable, RekeyError } from '../errors.ts';
import { formatLabel, successor } from '../ids/label.ts';
import {
  type Backoff,
  labels,
  labelsOf,
  parseLedger,
  type RevokeBackoff,
  type Version,
} from '../ledger/index.ts';
import { ceilSecond, earliest, latest, plus, stamp } from '../time.ts';
import { reportAwaited } from './confirmation.ts';
import { expiryOf, isLost } from './expiry.ts';
import { type Announcement, publish, taken } from './publish.ts';
import { reportDisabled } from './revoke.ts';
import { now, type Run, subject, type Transition } from './run.ts';
import { stageOf } from './stage.ts';

/**
 * Wraps an unexpected error as `internal`: a bug in one step must not block the others, nor be
 * repeated without a pause.
 */
export const ours = (error: unknown): RekeyError =>
  error instanceof RekeyError
    ? error
    : new RekeyError('internal', 'a step failed unexpectedly', { cause: error });

/**
 * Errors that are not the fault of the target: no label records them, and the caller tries again.
 */
export const passedOn: readonly ErrorCode[] = ['aws-failed', 'secret-missing'];

const ends = ({ action }: Due): boolean => ['revoke', 'delete', 'abandon'].includes(action);

/**
 * Announces a failed transition, and puts a backoff on the version it is about, so that every
 * worker leaves it alone until then. If the event bus does not accept the event, the label records
 * that, and a later run announces it. Other work that is due for the target goes on.
 */
export async function backOff(run: Run, due: Due, error: RekeyError): Promise<void> {
  const { record, target } = run;
  const { current, versions } = record.ledger;
  const version = ends(due) ? versions.find(({ id }) => id === due.version?.id) : current;
  if (!version) throw error;
  const before = ends(due) ? version.revokeBackoff : version.backoff;
  const failures = (before?.spec === target.spec ? before.failures : 0) + 1;
  const until = ceilSecond(plus(now(run), pauseAfter(failures, error.code, error.retryAfter)));
  const backoff: Backoff = { failures, at: now(run), until, code: error.code, spec: target.spec };
  // a backoff without a known end is announced once; the tries go on
  const known =
    !ends(due) && indefinite.includes(error.code) && before?.code === error.code && !before.untold;
  if (known && requestedAt(run, version) <= before.at) return write(run, due, version, backoff);
  const stage = stageOf(error);
  const events = ends(due)
    ? revocationFailed(run, version, backoff, stage)
    : rotationFailed(run, version, backoff, stage);
  const announced = await taken(publish(run, ...events));
  await write(run, due, version, announced ? backoff : { ...backoff, untold: stage });
}

/** Errors that no wait ends: a person has to make room. */
const indefinite: readonly ErrorCode[] = ['label-limit', 'quota'];

/**
 * Records an end that the provider confirmed and the event bus did not accept. It makes room, and
 * is announced later.
 */
export async function writeDown(run: Run, due: Due, error: RekeyError): Promise<void> {
  const version = run.record.ledger.versions.find(({ id }) => id === due.version?.id);
  const failures = (version?.revokeBackoff?.failures ?? 0) + 1;
  const until = ceilSecond(plus(now(run), pauseAfter(1, error.code)));
  if (version)
    await write(run, due, version, {
      failures,
      at: now(run),
      until,
      code: error.code,
      spec: run.target.spec,
    });
}

async function write(
  { record, progress }: Run,
  due: Due,
  version: Version,
  backoff: Backoff,
): Promise<void> {
  if (!ends(due))
    return record.replace(
      labelsOf(version, 'backoff'),
      labels.backoff(version.id, backoff),
      version.id,
    );
  const { id, revokeBackoff } = version;
  const confirmedAt =
    revokeBackoff?.confirmedAt ?? (progress.confirmed === id ? backoff.at : undefined);
  const label = labels.revokeBackoff(id, { ...backoff, ...(confirmedAt && { confirmedAt }) });
  // the end has come, so the warning about it is obsolete
  await record.replace(labelsOf(version, 'revoke-backoff', 'warned'), label, id);
}

/** Announces now what the event bus did not accept before. */
export const report: Transition = async (run, due) => {
  const { record } = run;
  const version = subject(due);
  const { backoff, revokeBackoff } = version;
  await reportDisabled(run, version);
  await reportAwaited(run, version);
  if (backoff?.untold) {
    await publish(run, ...rotationFailed(run, version, backoff, backoff.untold));
    await record.replace(
      labelsOf(version, 'backoff'),
      labels.backoff(version.id, withoutUntold(backoff)),
      version.id,
    );
  }
  if (revokeBackoff?.untold) {
    const { untold } = revokeBackoff;
    await publish(run, ...revocationFailed(run, version, revokeBackoff, untold));
    await record.replace(
      labelsOf(version, 'revoke-backoff'),
      labels.revokeBackoff(version.id, withoutUntold(revokeBackoff)),
      version.id,
    );
  }
};

function withoutUntold<B extends Backoff | RevokeBackoff>({
  untold: _,
  ...backoff
}: B): Omit<B, 'untold'> {
  return backoff;
}

function rotationFailed(
  run: Run,
  version: Version,
  backoff: Backoff,
  stage: string,
): Announcement[] {
  const { failures, code } = backoff;
  const lost = run.progress.lost ?? lostBefore(run, version, backoff);
  const request =
    indefinite.includes(code) && `${version.id} ${code} ${stamp(requestedAt(run, version))}`;
  const transition = request || `${failureId(version, backoff, stage)} ${lost?.label ?? ''}`;
  if (indefinite.includes(code)) {
    // the same event from every worker, after any number of tries
    const data = { versionId: version.id, ...failure(backoff, 'prepare'), failures: 1 };
    return [['Rotation Failed', transition, data]];
  }
  const retryAt = nextTry(run, version, backoff);
  const data = {
    versionId: version.id,
    ...failure(backoff, stage),
    ...(retryAt && { retryAt: retryAt.toISOString() }),
  };
  const mayBeAlive = lost && {
    label: lost.label,
    ...(lost.until && { until: lost.until.toISOString() }),
  };
  const failed: Announcement = [
    'Rotation Failed',
    transition,
    { ...data, ...(mayBeAlive && { mayBeAlive }) },
  ];
  if (!retryAt || !isPaused(backoff, retryAt) || !isNewlyPaused(run, version, backoff))
    return [failed];
  const paused = {
    versionId: version.id,
    failures,
    errorClass: code,
    retryAt: retryAt.toISOString(),
  };
  return [failed, ['Target Paused', transition, paused]];
}

/**
 * For a failure that is announced later: the label and the expiry of the credential that may be
 * alive.
 */
function lostBefore(
  run: Run,
  { id }: Version,
  { untold, code, failures, at }: Backoff,
): Run['progress']['lost'] {
  if (untold !== 'issue' || !isLost(run, code)) return undefined;
  const { target, record } = run;
  const label = formatLabel(
    target.fleet,
    record.ledger.arn,
    successor(record.ledger.arn, id, failures - 1),
  );
  return { label, until: expiryOf(run, at) };
}

/** The fifth failure pauses the target. So does any later one, if a request arrived in between. */
function isNewlyPaused(run: Run, version: Version, { failures }: Backoff): boolean {
  const before = version.backoff;
  return (
    failures === PAUSED_AFTER ||
    (failures > PAUSED_AFTER && before !== undefined && requestedAt(run, version) > before.at)
  );
}

/** The time of the last request for a successor of this version. */
const requestedAt = ({ record }: Run, { requested }: Version): Date =>
  latest(requested?.at ?? new Date(0), record.ledger.reportedAt ?? new Date(0));

function revocationFailed(
  run: Run,
  version: Version,
  backoff: Backoff,
  stage: string,
): Announcement[] {
  const { credential } = version;
  const ids = { versionId: version.id, credentialId: credential?.id ?? '' };
  const extra = {
    ...(version.disabledAt && { disabled: true }),
    ...(credential?.provider && { provider: credential.provider }),
    retryAt: (
      revokeBackoffEnd(
        run.target,
        { ...version, revokeBackoff: backoff },
        run.record.ledger.reportedAt,
      ) ?? backoff.until
    ).toISOString(),
  };
  return [
    [
      'Revocation Failed',
      failureId(version, backoff, stage),
      { ...failure(backoff, stage), ...ids, ...extra },
    ],
  ];
}

/**
 * Unique for a failure: a worker that died before it recorded its own failed differently, even in
 * the same second.
 */
const failureId = ({ id }: Version, { at, failures, code }: Backoff, stage: string): string =>
  `${id} ${stamp(at)} ${failures} ${code} ${stage}`;

const failure = ({ code, failures }: Backoff, stage: string) => ({
  stage,
  errorClass: code,
  failures,
  terminal: !isRetryable(code),
});

/**
 * The time of the next try, as `decide` computes it from the backoff; `undefined` if it is not
 * known.
 */
function nextTry({ target, record }: Run, version: Version, backoff: Backoff): Date | undefined {
  const { snapshot } = record;
  if (!snapshot) return undefined;
  const old = labelsOf(version, 'backoff');
  const stages = (snapshot.versions[version.id] ?? []).filter((label) => !old.includes(label));
  const after = {
    ...snapshot,
    versions: {
      ...snapshot.versions,
      [version.id]: [...stages, labels.backoff(version.id, backoff)],
    },
  };
  const rotations = agenda({ target, ledger: parseLedger(after), now: backoff.at }).filter(
    ({ action }) => action === 'rotate' || action === 'finish',
  );
  const next = rotations.length > 0 ? earliest(...rotations.map(({ at }) => at)) : undefined;
  if (!next || next >= NEVER) return undefined;
  return next > backoff.at ? next : backoff.until;
}

/**
 * True if the same work is due again at once: a failure that left no label must not become a hot
 * loop.
 */
export const repeats = ({ target, record, engine }: Run, due: Due): boolean => {
  const next = decide(target, record.snapshot, engine.clock.now());
  return next.action === due.action && next.version?.id === due.version?.id;
};
