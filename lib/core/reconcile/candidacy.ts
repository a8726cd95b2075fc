import { promotionId } from '../ids/label.ts';
import { digest, labelsOf, type Version } from '../ledger/index.ts';
import type { Run } from './run.ts';

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
 * Takes off the retirement that a promotion wrote on the version it did not supersede after all.
 */
export async function unretire({ record }: Run, base: Version, promotion: string): Promise<void> {
  for (const label of labelsOf(base, 'revoke-after'))
    if (label.includes(`:${promotion}:`)) await record.remove(label, base.id);
}
