import { labels, labelsOf, type Version } from '../ledger/index.ts';
import { ceilSecond, earliest, plus, SECOND } from '../time.ts';
import { now, type Run, subject, type Transition } from './run.ts';

/** Added to the grace: the time the promotion itself may take, since the grace counts from it. */
export const PROMOTION_BOUND = 5 * SECOND;

/** A person superseded the version by hand: it gets a time of revocation like any other. */
export const retire: Transition = async (run, due) => {
  await retireVersion(run, subject(due));
};

/**
 * Puts `revoke-after` on a version that is about to be superseded, and takes off what an earlier
 * promotion left there. Resolves to when it was written; nothing is if it holds none of our
 * credentials.
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
  // a report of compromise brings the end forward by itself, and may turn out to need a
  // confirmation: this is the time without it
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
