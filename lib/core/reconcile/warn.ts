import { endOfLife } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { labels } from '../ledger/index.ts';
import { stamp } from '../time.ts';
import { publish } from './publish.ts';
import { now, subject, type Transition } from './run.ts';

/** Warns consumers that still use a superseded credential about its end. */
export const warn: Transition = async (run, due) => {
  const version = subject(due);
  const { id, credential } = version;
  const end = credential && endOfLife(run.target, version);
  if (!end) throw new RekeyError('lost-race', `${run.record.name} changed before the warning`);
  const revokeAfter = end.at.toISOString();
  await publish(run, [
    'Revocation Due',
    `${id} ${stamp(end.at)}`,
    { versionId: id, credentialId: credential.id, revokeAfter, endsBy: end.by },
  ]);
  await run.record.attach(labels.warned(id, now(run)), id);
};
