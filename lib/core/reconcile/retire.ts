import { labels, labelsOf, type Version } from '../ledger/index.ts';
import { ceilSecond, earliest, plus, SECOND } from '../time.ts';
import { now, type Run, subject, type Transition } from './run.ts';

/**
 * Milliseconds. The time that a promotion may take: it is added to the grace, which counts from the
 * promotion.
 */
export const PROMOTION_BOUND = 5 * SECOND;

/** Gives a version that a person superseded by hand a time of revocation like any other. */
export const retire: Transition = async (run, due) => {
  await retireVersion(run, subject(due));
};

/**
 * Puts `revoke-after` on a version that is about to be superseded, and removes the label of an
 * earlier promotion. Resolves to the time of the write, or to `undefined` if the version holds no
 * credential that rekey issued.
 */
export async function retireVersion(
  run: Run,
  version: Version,
  promotion?: string,
): Promise<Date | undefined> {
  const { credential } = version;
  if (!credential) return undefined;
  const { record, target } = run;
  const written = now(run);
  // the end without a report of compromise: such a report brings it forward elsewhere, and may turn
  // out to need a confirmation
  const end = target.retired ? written : ceilSecond(plus(written, target.grace + PROMOTION_BOUND));
  const { expiresAt } = credential;
  const label = labels.revokeAfter(
    version.id,
    expiresAt ? earliest(end, expiresAt) : end,
    promotion,
    written,
  );
  await record.replace(labelsOf(version, 'revoke-after'), label, version.id);
  return written;
}
