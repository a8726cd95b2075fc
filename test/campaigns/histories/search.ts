import fc from 'fast-check';
import { providers } from '../../../lib/providers/index.ts';
import type { History } from './happenings.ts';
import { type Life, lifeOf } from './history.ts';
import { difference, digest } from './record.ts';
import { histories } from './ways.ts';

/** Histories of one provider, derived from a seed. */
export interface Task {
  readonly provider: string;
  readonly seed: number;
  readonly runs: number;
}

export interface Found {
  readonly runs: number;
  /** A digest of all calls of all lives. */
  readonly calls: string;
  readonly problem?: string;
  /** The shortest failing history that was found, and its life. */
  readonly history?: History;
  readonly life?: Life;
}

/** A history, and a life of it. */
export interface Lived {
  readonly history: History;
  readonly life: Life;
}

/**
 * Number of shorter histories to try after a failure. It is a count, so that a busy machine finds
 * as much as an idle one.
 */
const SHORTER = 200;

/** One of this many histories is lived twice, to find out whether it depends on its seed alone. */
const TWICE = 10;

/** Runs that many histories. Shortens the first one that fails. */
export async function search({ provider, seed, runs }: Task): Promise<Found> {
  // an account of some vendors has room for only one target
  const shared = (providers[provider]?.capabilities.liveAtOnce ?? 0) > 2;
  const digests: string[] = [];
  const again: Lived[] = [];
  let last: Lived | undefined;
  let tried = 0;
  const property = fc.asyncProperty(histories(provider, shared), async (history) => {
    // after the bound every history counts as passed, which ends the search for a shorter one
    if (last && ++tried > SHORTER) return;
    const life = await lifeOf(history);
    if (digests.length % TWICE === 0 && !last) again.push({ history, life });
    digests.push(digest(life.calls.join('\n')));
    if (life.error) last = { history, life };
    if (life.error) throw life.error;
  });
  const found = await fc.check(property, { seed, numRuns: runs });
  const done = { runs: digests.length, calls: digest(digests.join()) };
  for (const lived of last ? [last] : again) {
    const problem = await differing(lived);
    if (problem) return { ...done, problem, ...lived };
  }
  if (!found.failed) return done;
  return { ...done, problem: told(last?.life.error ?? found.errorInstance), ...last };
}

/**
 * Lives a history once more. Resolves to a problem if that life differs: then something outlives a
 * life, or a life depends on real time or randomness.
 */
export async function differing({ history, life }: Lived): Promise<string | undefined> {
  const after = await lifeOf(history);
  const differs = difference(life.calls, after.calls);
  const other = String(life.error) !== String(after.error);
  if (!differs && !other) return undefined;
  return [
    'this history does not depend on its seed alone.',
    `It ended with ${told(life.error)}, and then with ${told(after.error)}.`,
    differs ?? 'Both lives made the same calls.',
  ].join('\n');
}

const told = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error ?? 'no problem');
