import { promotionId } from '../label.ts';
import { digest } from '../ledger.ts';

/** What makes a version a candidate over the one with this id. `life`: what tells this promotion from another of the same two. */
export function candidacy(kind: 'rotation' | 'rollback', base: string, id: string, since: Date, life = since) {
  return { kind, base: digest(base), since, promotion: promotionId(kind, base, id, life) } as const;
}
