import type { Due } from '../decide/index.ts';
import { baseOf, type Ledger } from '../ledger/index.ts';

/** The correlation id of the request that made this work due, even if another run gets to it. */
export function requester(ledger: Ledger, { action, reason, version }: Due): string | undefined {
  const { versions, current } = ledger;
  const base = version?.candidate ? baseOf(ledger, version.candidate) : (version ?? current);
  if (version?.candidate?.kind === 'rollback' || action === 'rollback')
    return base?.rollback?.correlationId;
  if (action === 'report') return (version?.reported ?? version?.requested)?.correlationId;
  const why = version?.candidate ? version.credential?.reason : reason;
  if (why === 'requested') return base?.requested?.correlationId;
  if (why !== 'compromised' && !version?.compromisedAt) return undefined;
  const reports = versions
    .flatMap(({ reported }) => reported ?? [])
    .sort((a, b) => Number(b.at) - Number(a.at));
  return reports[0]?.correlationId;
}
