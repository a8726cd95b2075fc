import { earlyEndFrom, endOfLife, staleLabelsOf } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import type { EventData } from '../events/index.ts';
import { baseOf, type CandidateNote, labels, labelsOf, type Version } from '../ledger/index.ts';
import { ceilSecond, earliest, plus, stamp } from '../time.ts';
import { type Announcement, publish } from './publish.ts';
import { awaitReplicas } from './replicas.ts';
import { now, type Run, type Transition } from './run.ts';
import { during } from './stage.ts';
import { announceRetired } from './vacate.ts';

export const announce: Transition = async (run, { version }) => {
  if (version?.retired) return announceRetired(run, version);
  if (version) await announceVersion(run, version.id);
};

/**
 * Announces all that was promoted and not announced yet, in the order in which it was promoted: the
 * last one is what is current.
 */
export async function announceAll(run: Run): Promise<void> {
  for (const { id } of run.record.ledger.unannounced) await announceVersion(run, id);
}

/**
 * Empties the outbox. The label of the candidate comes off the promoted version last, so until then
 * the same events, with the same ids, are published again; also for a version that was superseded
 * again before the event bus took them.
 */
export const announceVersion = (run: Run, id: string): Promise<void> =>
  during('announce', () => emptyOutbox(run, id));

async function emptyOutbox(run: Run, id: string): Promise<void> {
  const { record } = run;
  const find = () => record.ledger.unannounced.find((version) => version.id === id);
  const lost = () => new RekeyError('lost-race', `${record.name} changed before it was announced`);
  const behind = find()?.current
    ? await awaitReplicas(run, find()?.candidate?.since ?? now(run))
    : [];
  const promoted = find();
  if (!promoted?.candidate) throw lost();
  const base = baseOf(record.ledger, promoted.candidate);
  if (base) await giveGraceAgain(run, base);
  await tell(run, promoted, behind);
  if (promoted.current && promoted.candidate.kind === 'rollback') await settle(run, promoted, base);
  if (promoted.staged) await record.remove('AWSPENDING', id);
  for (const label of labelsOf(promoted, 'candidate', 'discarded')) await record.remove(label, id);
}

/**
 * Consumers can only know of the end of a credential from now on: all of the grace has to be left.
 */
async function giveGraceAgain(run: Run, base: Version): Promise<void> {
  const { record, target } = run;
  const { credential, revokeAfter, retirement, current } = base;
  if (
    !credential ||
    !revokeAfter ||
    !retirement ||
    earlyEndFrom(base) ||
    current ||
    base.pending ||
    target.retired
  )
    return;
  const time = now(run);
  if (plus(time, target.grace) <= revokeAfter) return;
  const end = ceilSecond(plus(time, target.grace));
  const at = credential.expiresAt ? earliest(end, credential.expiresAt) : end;
  if (at <= revokeAfter) return;
  const label = labels.revokeAfter(base.id, at, retirement.promotion, time);
  await record.replace(labelsOf(base, 'revoke-after', 'warned'), label, base.id);
}

/**
 * What was said of a version before it was superseded says nothing once it is back. A rotation that
 * was requested after the rollback is wanted still; one from before it is refused.
 */
async function settle(run: Run, current: Version, base: Version | undefined): Promise<void> {
  const { record } = run;
  const { requested, rollback } = base ?? {};
  if (base && requested && rollback) {
    if (requested.at <= rollback.at) await publish(run, held(base.id, requested.at));
    else if (!current.requested)
      await record.attach(
        labels.requested(current.id, now(run), requested.correlationId),
        current.id,
      );
  }
  for (const label of [...staleLabelsOf(current), ...labelsOf(current, 'revoke-backoff')])
    await record.remove(label, current.id);
}

const held = (versionId: string, at: Date): Announcement => [
  'Request Held',
  `${versionId} requested ${stamp(at)} rolled-back`,
  { request: 'Rotation Requested', versionId, gate: 'rolled-back', final: true },
];

/** Publishes what made the version current: its rotation, or the rollback to it. */
async function tell(
  run: Run,
  { id, credential, candidate }: Version,
  behind: readonly string[],
): Promise<void> {
  if (!credential || !candidate) return;
  const { expiresAt, issuedAt, reason } = credential;
  const before = predecessor(run, candidate);
  const subjectOf = { versionId: id, credentialId: credential.id };
  const late = behind.length > 0 && { replicasBehind: [...behind] };
  if (candidate.kind === 'rollback') {
    await publish(run, [
      'Rolled Back',
      `${id} ${candidate.promotion}`,
      { ...subjectOf, ...(before && { from: before }), ...late },
    ]);
    return;
  }
  const times = {
    issuedAt: issuedAt.toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  };
  const links = { ...(before && { previous: before }), ...late };
  await publish(run, ['Credential Rotated', id, { ...subjectOf, reason, ...times, ...links }]);
}

/**
 * The version that was superseded, and how its credential ends; the same function says so to the
 * ledger and to `decide`.
 */
function predecessor(
  run: Run,
  candidate: CandidateNote,
): EventData<'Credential Rotated'>['previous'] {
  const version = baseOf(run.record.ledger, candidate);
  if (!version?.credential) return undefined;
  const { id, credential } = version;
  const end = endOfLife(run.target, version);
  // when its successor was issued, so that a repeat says the same
  const dead = credential.expiresAt && credential.expiresAt <= candidate.since;
  return {
    versionId: id,
    credentialId: credential.id,
    ...(end && { revokeAfter: end.at.toISOString(), endsBy: end.by }),
    ...(dead && { alive: false }),
  };
}
