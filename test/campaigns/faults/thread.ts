import { parentPort, workerData } from 'node:worker_threads';
import { drawn } from '../../support/sample.ts';
import { nameOf, play } from './case.ts';
import { casesOf } from './cases.ts';
import type { Strangers } from './kinds.ts';

/** The input of a thread: it runs every `of`-th of the drawn cases. */
export interface Share {
  readonly providers: readonly string[];
  readonly share: number;
  readonly of: number;
  /** Share of the cases, from 0 to 1. */
  readonly part: number;
  readonly seed: string;
  readonly only: string | undefined;
  readonly strangers: Strangers;
}

export interface Played {
  readonly name: string;
  readonly problem: string | undefined;
}

/** A case whose fault never strikes does not count. */
export const IDLE = 'the fault was not injected';

const { providers, share, of, part, seed, only, strangers } = workerData as Share;
let index = 0;
for (const provider of providers) {
  for (const one of await casesOf(provider, strangers)) {
    const name = nameOf(one);
    if (only ? name !== only : drawn(`${seed}/${name}`) >= part) continue;
    if (index++ % of !== share) continue;
    const problem = await play(one);
    const idle = problem === IDLE && one.plan.side === 'aws' && one.plan.kind.of;
    if (!idle) parentPort?.postMessage({ name, problem } satisfies Played);
  }
}
