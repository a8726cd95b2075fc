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

/** Announces the promotion of a version, or the end of a retired target. */
export const announce: Transition = async (run, { version }) => {
  if (version?.retired) return announceRetired(run, version);
  if (version) await announceVersion(run, version.id);
};

/**
 * Announces every promotion that is not announced yet, in the order of the promotions: the last one
 * is that of the current version.
 */
export async function announceAll(run: Run): Promise<void> {
  for (const { id } of run.record.ledger.unannounced) await announceVersion(run, id);
}

/**
 * Empties the outbox: the promoted version loses the label of its candidate last. Until then the
 * same events, with the same ids, are published again, even for a version that was superseded
 * before the event bus accepted them.
 */
export const announceVersion = (run: Run, id: string): Promise<void> =>
  during('announce', () => emptyOutbox(run, id));

async function emptyOutbox(run: Run, id: string): Promise<void> {
  const { record } = run;
  const find = () => record.ledger.unannounced.find((version) => version.id === id);
  const lost = () =>
    new RekeyError('lost-race', `${record.name} changed before its promotion was announced`);
  const behind = find()?.current
    ? await awaitReplicas(run, find()?.candidate?.since ?? now(run))
    : [];
  const promoted = find();
  if (!promoted?.candidate) throw lost();
  const base = baseOf(record.ledger, promoted.candidate);
  if (base) await giveGraceAgain(run, base);
  await announcePromotion(run, promoted, behind);
  if (promoted.current && promoted.candidate.kind === 'rollback') await settle(run, promoted, base);
  if (promoted.staged) await record.remove('AWSPENDING', id);
  for (const label of labelsOf(promoted, 'candidate', 'discarded')) await record.remove(label, id);
}

/**
 * Restarts a shortened grace: consumers learn about the end of a credential only from this
 * announcement.
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
 * Labels from an earlier life of a version count for nothing once it is current again. A rotation
 * that was requested after the rollback is still wanted; one from before it is refused.
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

/** Publishes the event that made the version current: its rotation, or the rollback to it. */
async function announcePromotion(
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
 * The superseded version, and how its credential ends. The ledger and `decide` use the same
 * function for the end.
 */
function predecessor(
  run: Run,
  candidate: CandidateNote,
): EventData<'Credential Rotated'>['previous'] {
  const version = baseOf(run.record.ledger, candidate);
  if (!version?.credential) return undefined;
  const { id, credential } = version;
  const end = endOfLife(run.target, version);
  // compared with the issue of its successor, so that a repeated event says the same
  const dead = credential.expiresAt && credential.expiresAt <= candidate.since;
  return {
    versionId: id,
    credentialId: credential.id,
    ...(end && { revokeAfter: end.at.toISOString(), endsBy: end.by }),
    ...(dead && { alive: false }),
  };
}
