import { discardableFrom, mayComeBack, wasRolledBack } from '../decide/index.ts';
import { type ErrorCode, RekeyError } from '../errors.ts';
import { digest, labels, labelsOf, type Version } from '../ledger/index.ts';
import { latest, plus, SECOND, stamp } from '../time.ts';
import { candidacy, unretire } from './candidacy.ts';
import { publish } from './publish.ts';
import { at, now, type Run, subject, type Transition } from './run.ts';

/**
 * Makes the previous version a candidate again; it is then proven, promoted and announced like any
 * candidate, and the one that is left is retired. The candidate's label is put on it first and the
 * secret read again after that, so that a worker that is about to revoke it, and this one, cannot
 * both miss the other.
 */
export const rollback: Transition = async (run, due) => {
  const { record, target } = run;
  await record.refresh();
  const base = record.ledger.versions.find(({ id }) => id === subject(due).id);
  if (!base?.rollback || (!base.current && wasRolledBack(base)))
    throw new RekeyError(
      'lost-race',
      `the rollback of ${record.name} was seen to by somebody else`,
    );
  const { to, at: asked } = base.rollback;
  const before = record.ledger.versions.find(({ id }) => id === to);
  if (!base.current || !before || !mayComeBack(target, before, now(run)))
    return refuse(run, base, before);
  // a rotation that Secrets Manager began would undo it
  const { started } = record.ledger;
  if (started) await record.remove('AWSPENDING', started.id);
  const since = latest(now(run), ...saidOf(before).map((at) => plus(at, SECOND)));
  const label = labels.candidate(to, candidacy('rollback', base.id, to, since, asked));
  await record.attach(label, to);
  await record.refresh();
  const { current, versions } = record.ledger;
  const [found, left] = [to, base.id].map((one) => versions.find(({ id }) => id === one));
  if (current?.id === base.id && left?.rollback && found && mayComeBack(target, found, now(run)))
    return;
  if (left?.rollback && !wasRolledBack(left)) return refuse(run, left, found);
  // it is over already, and somebody else saw to that where it is current, the label may be that of
  // the one who promoted it, and who has not announced it yet
  if (found && !found.current && found.labels.includes(label)) await record.remove(label, to);
  throw new RekeyError('lost-race', `the rollback of ${record.name} was seen to by somebody else`);
};

/** When what is known of its life until now was said: nothing of that counts in the next. */
const saidOf = ({ retirement, requested, rollback, refused, backoff }: Version): readonly Date[] =>
  [retirement, requested, rollback, refused, backoff].flatMap((said) => said?.at ?? []);

async function refuse(run: Run, base: Version, candidate: Version | undefined): Promise<never> {
  await giveUp(run, base, candidate, 'no-rollback');
  throw new RekeyError(
    'no-rollback',
    `${run.record.name} cannot be rolled back: another version became current, or the previous one is revoked, compromised, or about to go`,
  );
}

/**
 * Takes a rollback back, and tells so: it is no candidate any more, and what was disabled before is
 * due at once. What retired the version that stays current goes first, since its promotion is known
 * by the candidate.
 */
export async function giveUp(
  run: Run,
  base: Version,
  candidate: Version | undefined,
  code: ErrorCode,
): Promise<void> {
  const { record } = run;
  const { id, rollback } = base;
  const since = candidate?.candidate;
  const life = rollback ? stamp(rollback.at) : (since?.promotion ?? '');
  if (candidate && since && wasRestored(run, candidate))
    await announceRestored(run, candidate, since.promotion);
  const to = candidate && { versionId: candidate.id };
  if (base.current && since) await unretire(run, base, since.promotion);
  if (candidate && since?.kind === 'rollback' && !candidate.current)
    await endCandidacy(run, candidate, base);
  await publish(run, [
    'Rollback Failed',
    `${id} ${life} ${code}`,
    { fromVersionId: id, ...to, errorClass: code, final: true },
  ]);
  for (const label of labelsOf(base, 'rollback')) await record.remove(label, id);
}

/**
 * Due again at once where its grace is over: with a time of its own, since this end is another one
 * than that which was told.
 */
async function endCandidacy(run: Run, candidate: Version, base: Version): Promise<void> {
  const { record } = run;
  const own = labelsOf(candidate, 'candidate').filter((label) => label.includes(digest(base.id)));
  if (candidate.compromisedAt) {
    // a worker may be promoting it still: it ends a little later than it was reported
    const label = labels.discarded(
      candidate.id,
      discardableFrom(candidate, now(run)),
      candidate.candidate,
    );
    return record.replace([...labelsOf(candidate, 'revoke-after'), ...own], label, candidate.id);
  }
  if (candidate.revokeAfter && wasRestored(run, candidate)) {
    const label = labels.revokeAfter(
      candidate.id,
      now(run),
      candidate.retirement?.promotion,
      candidate.retirement?.at ?? now(run),
    );
    await record.replace(labelsOf(candidate, 'revoke-after'), label, candidate.id);
  }
  for (const label of own) await record.remove(label, candidate.id);
}

/** It was disabled, or about to be, and `finish` enabled it. */
const wasRestored = (run: Run, { revokeAfter, disabledAt }: Version): boolean =>
  run.provider.enable !== undefined &&
  !disabledAt &&
  revokeAfter !== undefined &&
  revokeAfter <= now(run);

/** A credential that was disabled is alive again. `life`: which of its lives begins. */
export async function announceRestored(
  run: Run,
  { id, credential }: Version,
  life: string,
): Promise<void> {
  const there = at(run, { credential });
  if (!credential || !there.provider.enable) return;
  await publish(there, [
    'Credential Restored',
    `${id} ${life}`,
    { versionId: id, credentialId: credential.id },
  ]);
}
