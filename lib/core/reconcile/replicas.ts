import { RekeyError } from '../errors.ts';
import { MINUTE, plus } from '../time.ts';
import { poll } from './poll.ts';
import { now, type Run } from './run.ts';

/** How long one run waits for the replicas; the next one goes on. */
const WAIT = 1 * MINUTE;

/** From then on a version is announced although some replica has not got it. */
const BOUND = 25 * MINUTE;

/**
 * Waits until every replica of the secret is in sync: who reads the event in another region must
 * find there what it tells of. Resolves to the regions that are still behind when the bound,
 * counted from `since`, is over; throws `replicas-behind` before that.
 */
export async function awaitReplicas(run: Run, since: Date): Promise<string[]> {
  const { record } = run;
  if (!record.snapshot?.replicas) return [];
  const { done, behind } = await poll(run, WAIT, async () => {
    await record.refresh();
    const left = (record.snapshot?.replicas ?? [])
      .filter(({ inSync }) => !inSync)
      .map(({ region }) => region);
    return { behind: left, done: left.length === 0 || now(run) >= plus(since, BOUND) };
  });
  if (done) return behind;
  throw new RekeyError(
    'replicas-behind',
    `the replicas of ${record.name} in ${behind.join(', ')} are not in sync yet`,
  );
}
