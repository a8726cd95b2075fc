import fc from 'fast-check';
import { providers } from '../../lib/providers/index.ts';
import type { History } from './happenings.ts';
import { live } from './history.ts';
import { histories } from './ways.ts';

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
  const property = fc.asyncProperty(histories(provider, shared), async (history) => {
    lived += 1;
    await live(history);
  });
  const found = await fc.check(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: 120_000,
    markInterruptAsFailure: false,
  });
  if (!found.failed) return { runs: found.numRuns };
  const [history] = found.counterexample ?? [];
  const error = found.errorInstance;
  return {
    runs: lived,
    problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
    ...(history && { history }),
  };
}
