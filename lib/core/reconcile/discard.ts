import { discardableFrom } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { baseOf, labels, labelsOf } from '../ledger/index.ts';
import { unretire } from './candidacy.ts';
import { giveUp } from './rollback.ts';
import { now, subject, type Transition } from './run.ts';

/**
 * Discards a candidate. Without its label it is a superseded version that is due for revocation at
 * once.
 */
export const discard: Transition = async (run, due) => {
  const { record } = run;
  const version = subject(due);
  const { candidate, staged } = version;
  if (!candidate) throw new RekeyError('lost-race', `the candidate in ${record.name} is gone`);
  const base = baseOf(record.ledger, candidate);
  if (candidate.kind === 'rollback' && base) {
    return giveUp(
      run,
      base,
      version,
      base.current && !version.compromisedAt ? 'unproven' : 'no-rollback',
    );
  }
  if (base?.current) await unretire(run, base, candidate.promotion);
  if (staged) await record.remove('AWSPENDING', version.id);
  const from = discardableFrom(version, now(run));
  const label = labels.discarded(version.id, from > now(run) ? from : now(run), candidate);
  // a version that was current once keeps its time
  if (version.retirement)
    for (const one of labelsOf(version, 'candidate')) await record.remove(one, version.id);
  else await record.replace(labelsOf(version, 'candidate'), label, version.id);
};
