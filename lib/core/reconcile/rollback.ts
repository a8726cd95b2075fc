import { discardableFrom, mayComeBack, wasRolledBack } from '../decide/index.ts';
import { type ErrorCode, RekeyError } from '../errors.ts';
import { digest, labels, labelsOf, type Version } from '../ledger/index.ts';
import { latest, plus, SECOND, stamp } from '../time.ts';
import { candidacy, unretire } from './candidacy.ts';
import { publish } from './publish.ts';
import { at, now, type Run, subject, type Transition } from './run.ts';

/**
 * Makes the previous version a candidate again. It is then proven, promoted and announced like any
 * candidate, and the version that it replaces is retired. The label of the candidate is written
 * first, and the secret is read again after that: so this worker and one that is about to revoke
 * the version cannot both miss the other.
 */
export const rollback: Transition = async (run, due) => {
  const { record, target } = run;
  await record.refresh();
  const base = record.ledger.versions.find(({ id }) => id === subject(due).id);
  if (!base?.rollback || (!base.current && wasRolledBack(base)))
    throw new RekeyError('lost-race', `another worker handled the rollback of ${record.name}`);
  const { to, at: requestedAt } = base.rollback;
  const before = record.ledger.versions.find(({ id }) => id === to);
  if (!base.current || !before || !mayComeBack(target, before, now(run)))
    return refuse(run, base, before);
  // a rotation that Secrets Manager began would undo the rollback
  const { started } = record.ledger;
  if (started) await record.remove('AWSPENDING', started.id);
  const since = latest(now(run), ...saidOf(before).map((at) => plus(at, SECOND)));
  const label = labels.candidate(to, candidacy('rollback', base.id, to, since, requestedAt));
  await record.attach(label, to);
  await record.refresh();
  const { current, versions } = record.ledger;
  const [found, left] = [to, base.id].map((one) => versions.find(({ id }) => id === one));
  if (current?.id === base.id && left?.rollback && found && mayComeBack(target, found, now(run)))
    return;
  if (left?.rollback && !wasRolledBack(left)) return refuse(run, left, found);
  // The rollback is over, and another worker handled it. If the candidate is current, its label may
  // be that of the worker that promoted it and has not announced it yet.
  if (found && !found.current && found.labels.includes(label)) await record.remove(label, to);
  throw new RekeyError('lost-race', `another worker handled the rollback of ${record.name}`);
};

/** The times of the labels from its life until now: none of them counts in the next life. */
const saidOf = ({ retirement, requested, rollback, refused, backoff }: Version): readonly Date[] =>
  [retirement, requested, rollback, refused, backoff].flatMap((said) => said?.at ?? []);

async function refuse(run: Run, base: Version, candidate: Version | undefined): Promise<never> {
  await giveUp(run, base, candidate, 'no-rollback');
  throw new RekeyError(
    'no-rollback',
    `${run.record.name} cannot be rolled back: another version became current, ` +
      'or the previous one is revoked, compromised, or about to be revoked',
  );
}

/**
 * Gives up a rollback, and announces that: the version is no longer a candidate, and a credential
 * that was disabled before is due at once. The end that the promotion wrote on the current version
 * is removed first, because only the candidate names that promotion.
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
 * Ends a candidacy. If the grace of the credential is over, it is due at once, at a new time: this
 * end differs from the one that was announced before.
 */
async function endCandidacy(run: Run, candidate: Version, base: Version): Promise<void> {
  const { record } = run;
  const own = labelsOf(candidate, 'candidate').filter((label) => label.includes(digest(base.id)));
  if (candidate.compromisedAt) {
    // a worker may still be promoting it: its end comes a little later than the report
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

/** True if the credential was disabled, or about to be, and `finish` enabled it. */
const wasRestored = (run: Run, { revokeAfter, disabledAt }: Version): boolean =>
  run.provider.enable !== undefined &&
  !disabledAt &&
  revokeAfter !== undefined &&
  revokeAfter <= now(run);

/** Announces that a disabled credential is alive again. `life` distinguishes its lives. */
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
