import { promotionId } from '../ids/label.ts';
import { digest, labelsOf, rolledBackAt, type Version } from '../ledger/index.ts';
import { latest, plus, SECOND } from '../time.ts';
import { now, type Run } from './run.ts';

/**
 * What makes a version a candidate over the one with this id. `life`: what tells this promotion
 * from another of the same two.
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
 * Since it was decided: who goes back in between has the last word. After a rollback that was seen
 * then, also in its second.
 */
export function decidedAt(run: Run): Date {
  const { versions, current } = run.record.ledger;
  const back = rolledBackAt(versions, current);
  return latest(run.progress.seen ?? now(run), ...(back ? [plus(back, SECOND)] : []));
}

/**
 * Takes off the retirement that a promotion wrote on the version it did not supersede after all.
 */
export async function unretire({ record }: Run, base: Version, promotion: string): Promise<void> {
  for (const label of labelsOf(base, 'revoke-after'))
    if (label.includes(`:${promotion}:`)) await record.remove(label, base.id);
}
