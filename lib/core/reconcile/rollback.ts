import { rollbackCandidate } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { labelsOf, type Version } from '../ledger.ts';
import { now, type Run, subject, type Transition } from './run.ts';

/**
 * Makes the version before the candidate again; it is then proven, promoted and announced like any candidate, and the
 * one that is left is retired. AWSPENDING is put on it first and the secret read again after that, so that a worker that
 * is about to revoke it, and this one, cannot both miss the other.
 */
export const rollback: Transition = async (run, due) => {
  const { record } = run;
  run.stage = 'prepare';
  const current = subject(due);
  // a rotation that Secrets Manager began holds AWSPENDING, for as long as it fails: nothing else may wait for it
  if (record.ledger.started || !possible(run, current)) return refuse(run, current);
  const { to } = current.rollback ?? { to: '' };
  await record.attach('AWSPENDING', to);
  await record.refresh();
  const candidate = record.ledger.versions.find(({ id }) => id === to);
  if (candidate?.credential && candidate.pending && !candidate.compromisedAt && !candidate.current) return;
  if (candidate?.pending) await record.remove('AWSPENDING', to);
  await refuse(run, current);
};

const possible = (run: Run, current: Version): boolean =>
  rollbackCandidate(run.target, run.record.ledger, now(run))?.id === current.rollback?.to;

async function refuse({ record }: Run, current: Version): Promise<never> {
  for (const label of labelsOf(current, 'rollback')) await record.remove(label, current.id);
  throw new RekeyError(
    'no-rollback',
    `${record.name} cannot be rolled back: a rotation is under way, or the version before it is revoked, compromised, or about to go`,
  );
}
