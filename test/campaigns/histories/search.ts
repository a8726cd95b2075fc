import fc from 'fast-check';
import { providers } from '../../../lib/providers/index.ts';
import type { History } from './happenings.ts';
import { live } from './history.ts';
import { histories } from './ways.ts';

/** Histories of one provider, derived from a seed. */
export interface Task {
  readonly provider: string;
  readonly seed: number;
  readonly runs: number;
}

export interface Found {
  readonly runs: number;
  readonly problem?: string;
  /** The shortest failing history that was found. */
  readonly history?: History;
}

/**
 * Number of shorter histories to try after a failure. It is a count, so that a busy machine finds
 * as much as an idle one.
 */
const SHORTER = 200;

/** Runs that many histories. Shortens the first one that fails. */
export async function search({ provider, seed, runs }: Task): Promise<Found> {
  // an account of some vendors has room for only one target
  const shared = (providers[provider]?.capabilities.liveAtOnce ?? 0) > 2;
  let lived = 0;
  let failures = 0;
  let tried = 0;
  const property = fc.asyncProperty(histories(provider, shared), async (history) => {
    // after the bound every history counts as passed, which ends the search for a shorter one
    if (failures > 0 && ++tried > SHORTER) return;
    lived += 1;
    await live(history).catch((error: unknown) => {
      failures += 1;
      throw error;
    });
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
