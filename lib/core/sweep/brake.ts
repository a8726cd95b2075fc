import { RekeyError } from '../errors.ts';
import type { Fleet, Target } from '../fleet/target.ts';
import { parseLedger } from '../ledger/index.ts';
import type { Clock, SecretStore, Snapshot } from '../ports.ts';
import { HOUR, plus } from '../time.ts';

/** Reports of compromise are counted over so long. */
export const WINDOW = 1 * HOUR;

/** As many targets may be reported in that time as people report: of a large fleet a tenth. */
export const usual = ({ targets }: Pick<Fleet, 'targets'>): number =>
  Math.max(5, Math.floor(targets.length / 10));

/** Targets that are looked at together: DescribeSecret allows thousands a second. */
const TOGETHER = 10;

/** Somebody reported it lately, and nobody confirmed that. */
export const reportedLately = (snapshot: Snapshot, now: Date): boolean =>
  parseLedger(snapshot).versions.some(
    ({ reported }) =>
      reported && !(reported.confirmation instanceof Date) && reported.at > plus(now, -WINDOW),
  );

/**
 * True if more targets were reported as compromised than is usual: a leak of everything, or
 * somebody who can put events on the bus and means harm. Each secret is described by itself, since
 * a list may lag by minutes, and a report is written down before the brake is asked: of any number
 * of reports in one moment, at most as many as are usual see no more than that.
 */
export async function tooManyReports(
  { store, clock }: { store: SecretStore; clock: Clock },
  fleet: Fleet,
  signal?: AbortSignal,
): Promise<boolean> {
  const limit = usual(fleet);
  const now = clock.now();
  const reported = async ({ secret }: Target): Promise<boolean> => {
    const snapshot = await describedOrNot(store, secret, signal);
    return snapshot !== undefined && reportedLately(snapshot, now);
  };
  let count = 0;
  for (
    let start = 0;
    start < fleet.targets.length && fleet.targets.length > limit;
    start += TOGETHER
  ) {
    const found = await Promise.all(fleet.targets.slice(start, start + TOGETHER).map(reported));
    count += found.filter(Boolean).length;
    if (count > limit) return true;
  }
  return false;
}

/** One secret that may not be looked at must not keep all others from ending. */
async function describedOrNot(
  store: SecretStore,
  secret: string,
  signal?: AbortSignal,
): Promise<Snapshot | undefined> {
  try {
    return await store.describe(secret, signal);
  } catch (error) {
    if (error instanceof RekeyError && error.code === 'forbidden') return undefined;
    throw error;
  }
}
