import { type Due, decide, lacksRoom, pauseAfter } from '../decide/index.ts';
import { type ErrorCode, RekeyError } from '../errors.ts';
import {
  type Backoff,
  labels,
  labelsOf,
  type RevokeBackoff,
  type Version,
} from '../ledger/index.ts';
import { ceilSecond, plus } from '../time.ts';
import { reportAwaited } from './confirmation.ts';
import { requestedAt, revocationFailed, rotationFailed } from './failure-events.ts';
import { publish, taken } from './publish.ts';
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
    !ends(due) && lacksRoom.includes(error.code) && before?.code === error.code && !before.untold;
  if (known && requestedAt(run, version) <= before.at) return write(run, due, version, backoff);
  const stage = stageOf(error);
  const events = ends(due)
    ? revocationFailed(run, version, backoff, stage)
    : rotationFailed(run, version, backoff, stage);
  const announced = await taken(publish(run, ...events));
  await write(run, due, version, announced ? backoff : { ...backoff, untold: stage });
}

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

/**
 * True if the same work is due again at once: a failure that left no label must not become a hot
 * loop.
 */
export const repeats = ({ target, record, engine }: Run, due: Due): boolean => {
  const next = decide(target, record.snapshot, engine.clock.now());
  return next.action === due.action && next.version?.id === due.version?.id;
};
