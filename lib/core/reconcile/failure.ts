import { type Due, decide, PAUSED_AFTER } from '../decide/index.ts';
import type { ErrorCode, RekeyError } from '../errors.ts';
import { type Backoff, labels, labelsOf } from '../ledger.ts';
import { ceilSecond, HOUR, MINUTE, plus } from '../time.ts';
import { type Announcement, now, publish, type Run } from './run.ts';

const pauses = [1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR];
const LONGEST = 24 * HOUR;

/** Not this target's fault: nothing is written down, the caller tries again. */
export const passedOn: readonly ErrorCode[] = ['aws-failed', 'secret-missing', 'replicas-behind'];

/**
 * Announces a failed transition and puts a back-off on the version it is about, so that the next sweep, and every
 * other worker, leaves it alone until then. What else is due for the target goes on.
 */
export async function backOff(run: Run, due: Due, error: RekeyError): Promise<void> {
  const { record, target } = run;
  const revoking = due.action === 'revoke' || due.action === 'delete';
  const { current, versions } = record.ledger;
  const version = revoking ? versions.find(({ id }) => id === due.version?.id) : current;
  if (!version) throw error;
  const kind = revoking ? 'revoke-backoff' : 'backoff';
  const before = revoking ? version.revokeBackoff : version.backoff;
  const failures = (before?.spec === target.spec ? before.failures : 0) + 1;
  const pause = Math.min(Math.max(pauses[failures - 1] ?? LONGEST, error.retryAfter ?? 0), LONGEST);
  const backoff: Backoff = {
    failures,
    at: now(run),
    until: ceilSecond(plus(now(run), pause)),
    code: error.code,
    spec: target.spec,
  };
  const data = {
    stage: run.stage,
    errorClass: error.code,
    failures,
    retryAt: backoff.until.toISOString(),
    terminal: !error.retryable,
  };
  const transition = `${version.id} ${target.spec} ${failures}`;
  if (revoking) {
    const ids = { versionId: version.id, credentialId: version.credential?.id ?? '' };
    await publish(run, ['Revocation Failed', transition, { ...data, ...ids }]);
  } else {
    const { errorClass, retryAt } = data;
    const paused: Announcement = ['Target Paused', transition, { versionId: version.id, failures, errorClass, retryAt }];
    const failed: Announcement = ['Rotation Failed', transition, { ...data, versionId: version.id }];
    await publish(run, failed, ...(failures === PAUSED_AFTER ? [paused] : []));
  }
  if (due.action === 'rollback') return; // the request was taken back, there is nothing to try again
  if (error.code === 'label-limit') throw error; // told, and told again with the same id, until somebody makes room
  await record.replace(labelsOf(version, kind), labels.backoff(kind, version.id, backoff), version.id);
}

/** True while the same thing would be done again at once: a failure that left no trace must not become a hot loop. */
export const repeats = ({ target, record, engine }: Run, due: Due): boolean => {
  const next = decide(target, record.snapshot, engine.clock.now());
  return next.action === due.action && next.version?.id === due.version?.id;
};
