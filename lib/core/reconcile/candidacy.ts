import { promotionId } from '../ids/label.ts';
import { digest, labelsOf, rolledBackAt, type Version } from '../ledger/index.ts';
import { latest, plus, SECOND } from '../time.ts';
import { now, type Run } from './run.ts';

/**
 * The note that makes the version `id` a candidate to supersede `base`. `life` distinguishes
 * promotions of the same pair.
 */
export function candidacy(
  kind: 'rotation' | 'rollback',
  base: string,
  id: string,
  since: Date,
  life = since,
) {
  return { kind, base: digest(base), since, promotion: promotionId(kind, base, id, life) } as const;
}

/**
 * The time of the decision to rotate: a rollback after it prevails. If a rollback was already seen,
 * the time is at least one second after it.
 */
export function decidedAt(run: Run): Date {
  const { versions, current } = run.record.ledger;
  const back = rolledBackAt(versions, current);
  return latest(run.progress.seen ?? now(run), ...(back ? [plus(back, SECOND)] : []));
}

/**
 * Removes the `revoke-after` label of a promotion that did not supersede this version after all.
 */
export async function unretire({ record }: Run, base: Version, promotion: string): Promise<void> {
  for (const label of labelsOf(base, 'revoke-after'))
    if (label.includes(`:${promotion}:`)) await record.remove(label, base.id);
}
