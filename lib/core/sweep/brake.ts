import { RekeyError } from '../errors.ts';
import type { Fleet, Target } from '../fleet/target.ts';
import { parseLedger } from '../ledger/index.ts';
import type { Clock, SecretStore, Snapshot } from '../ports.ts';
import { HOUR, plus } from '../time.ts';

/** Milliseconds. The brake counts the reports of compromise of this period. */
export const WINDOW = 1 * HOUR;

/** The most targets that people report in that time: five, or a tenth of a larger fleet. */
export const usual = ({ targets }: Pick<Fleet, 'targets'>): number =>
  Math.max(5, Math.floor(targets.length / 10));

/** Secrets described in parallel: DescribeSecret allows thousands of calls a second. */
const TOGETHER = 10;

/** True if it was reported lately, without a confirmation. */
export const reportedLately = (snapshot: Snapshot, now: Date): boolean =>
  parseLedger(snapshot).versions.some(
    ({ reported }) =>
      reported && !(reported.confirmation instanceof Date) && reported.at > plus(now, -WINDOW),
  );

/**
 * Resolves to true if more targets were reported as compromised than is usual: everything leaked,
 * or an attacker can put events on the bus. Each secret is described individually, because a list
 * may lag by minutes. A report is recorded before the brake is checked: of any number of reports in
 * one moment, at most the usual number see no more than that.
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

/**
 * Skips a secret that may not be described, so that it does not keep all other credentials from
 * ending.
 */
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
