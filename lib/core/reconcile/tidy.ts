import { staleLabelsOf } from '../decide/index.ts';
import { settled } from '../ledger/index.ts';
import { type Run, subject, type Transition } from './run.ts';

/** Removes obsolete labels. Secrets Manager may then drop a version whose credential is dead. */
export const forget: Transition = async (run: Run, due) => {
  const { record } = run;
  const version = subject(due);
  const labels = version.current ? staleLabelsOf(version) : settled(record.ledger, version);
  for (const label of labels) await record.remove(label, version.id);
};
