import { RekeyError } from '../errors.ts';
import { MINUTE, plus } from '../time.ts';
import { poll } from './poll.ts';
import { now, type Run } from './run.ts';

/** Milliseconds. The longest wait of one run; the next run waits on. */
const WAIT = 1 * MINUTE;

/** Milliseconds. After this time a version is announced even if a replica does not have it. */
const BOUND = 25 * MINUTE;

/**
 * Waits until every replica of the secret is in sync: a consumer that reads the event in another
 * region must find the new version there. Resolves to the regions that are still behind when the
 * bound, counted from `since`, is over; throws `replicas-behind` before that.
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
