import fc from 'fast-check';
import { providers } from '../../lib/providers/index.ts';
import type { History } from './happenings.ts';
import { live } from './history.ts';
import { histories } from './ways.ts';

/** How long a shorter history is looked for, in milliseconds. */
const SHORTER = 60_000;

/** Histories of one provider that follow from a seed. */
export interface Task {
  readonly provider: string;
  readonly seed: number;
  readonly runs: number;
}

export interface Found {
  readonly runs: number;
  readonly problem?: string;
  /** The shortest history that was found to fail. */
  readonly history?: History;
}

/** Lives so many histories; of the first that fails it looks for a shorter one, for a minute. */
export async function search({ provider, seed, runs }: Task): Promise<Found> {
  // of some vendors an account has room for one target only
  const shared = (providers[provider]?.capabilities.liveAtOnce ?? 0) > 2;
  let lived = 0;
  let until = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(histories(provider, shared), async (history) => {
    // a history that was begun is lived to its end: what is left of it would meddle with the next
    if (performance.now() > until) return;
    lived += 1;
    try {
      await live(history);
    } catch (error) {
      until = Math.min(until, performance.now() + SHORTER);
      throw error;
    }
  });
  const found = await fc.check(property, { seed, numRuns: runs });
  if (!found.failed) return { runs: found.numRuns };
  const [history] = found.counterexample ?? [];
  const error = found.errorInstance;
  return {
    runs: lived,
    problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
    ...(history && { history }),
  };
}
