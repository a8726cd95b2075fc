import {
  agenda,
  isPaused,
  lacksRoom,
  NEVER,
  PAUSED_AFTER,
  revokeBackoffEnd,
  roomNeeded,
} from '../decide/index.ts';
import { isRetryable } from '../errors.ts';
import { formatLabel, successor } from '../ids/label.ts';
import { type Backoff, labels, labelsOf, parseLedger, type Version } from '../ledger/index.ts';
import { earliest, latest, stamp } from '../time.ts';
import { expiryOf, isLost } from './expiry.ts';
import type { Announcement } from './publish.ts';
import { now, type Run } from './run.ts';

/** The events of a rotation that failed: the failure, and the pause if it is the fifth. */
export function rotationFailed(
  run: Run,
  version: Version,
  backoff: Backoff,
  stage: string,
): Announcement[] {
  const { failures, code } = backoff;
  const lost = run.progress.lost ?? lostBefore(run, version, backoff);
  const request =
    lacksRoom.includes(code) && `${version.id} ${code} ${stamp(requestedAt(run, version))}`;
  const transition = request || `${failureId(version, backoff, stage)} ${lost?.label ?? ''}`;
  if (lacksRoom.includes(code)) {
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
export const requestedAt = ({ record }: Run, { requested }: Version): Date =>
  latest(requested?.at ?? new Date(0), record.ledger.reportedAt ?? new Date(0));

/** The event of a revocation that failed. */
export function revocationFailed(
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
        {
          reportedAt: run.record.ledger.reportedAt,
          roomNeeded: roomNeeded({ target: run.target, ledger: run.record.ledger, now: now(run) }),
        },
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
