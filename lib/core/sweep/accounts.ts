import { type Action, accountFaults } from '../decide/index.ts';
import { accountOf } from '../fleet/admin-account.ts';
import type { Target } from '../fleet/target.ts';
import type { Backoff } from '../ledger/index.ts';
import { HOUR, MINUTE, plus } from '../time.ts';
import { factsOf } from './facts.ts';
import type { DueTarget, Seen, Sweep } from './index.ts';
import { byUrgency, urgency } from './pace.ts';

/**
 * Actions that call the provider. All others go on while an account is down: they need only the
 * secret, the bus or the registry.
 */
const needsProvider: ReadonlySet<Action> = new Set(['rotate', 'revoke', 'delete']);

/**
 * Milliseconds. A backoff that ended this long ago and was not renewed belongs to a rotation that
 * is no longer wanted.
 */
const STALE = 1 * HOUR;

/**
 * One probe in this many is of another target: a fault that looks like one of the account may be
 * one of a single target.
 */
export const OTHER_EVERY = 3;

/** The backoff of a target, if its account is to blame. */
function blamed(seen: Seen, now: Date): Backoff | undefined {
  const backoff = factsOf(seen, now)?.backoff;
  return backoff && backoff.spec === seen.target.spec && accountFaults.includes(backoff.code)
    ? backoff
    : undefined;
}

/**
 * The accounts that are down: the latest entry about them in the ledgers is such a failure, and not
 * an issued credential. No state is kept, so a successful probe is the all-clear.
 */
export function accountsDown({ targets }: Pick<Sweep, 'targets'>, now: Date): ReadonlySet<string> {
  const failed = new Map<string, number>();
  const issued = new Map<string, number>();
  const latest = (words: Map<string, number>, account: string, at: number) =>
    words.set(account, Math.max(words.get(account) ?? 0, at));
  for (const seen of targets) {
    const account = accountOf(seen.target);
    const backoff = blamed(seen, now);
    if (backoff && now < plus(backoff.until, STALE)) latest(failed, account, Number(backoff.at));
    const lastIssuedAt = factsOf(seen, now)?.lastIssuedAt;
    if (lastIssuedAt !== undefined) latest(issued, account, lastIssuedAt);
  }
  return new Set(
    [...failed]
      .filter(([account, at]) => at > (issued.get(account) ?? 0))
      .map(([account]) => account),
  );
}

/**
 * Lets one target of each account that is down through, as a probe; the others wait, without a
 * label or an event. A target that already has such a backoff goes first, so that an outage does
 * not write one on every secret.
 */
export function probed(
  due: readonly DueTarget[],
  down: ReadonlySet<string>,
  now: Date,
  minutes: number,
): { readonly now: readonly DueTarget[]; readonly waiting: readonly DueTarget[] } {
  const held = due.filter(
    ({ target, decision }) => down.has(accountOf(target)) && needsProvider.has(decision.action),
  );
  const another = Math.floor(Number(now) / (Math.max(minutes, 1) * MINUTE)) % OTHER_EVERY === 0;
  const rank = (work: DueTarget) => Number((blamed(work, now) === undefined) !== another);
  // of the targets that failed, the one with the fewest failures: no target alone collects them,
  // only to be paused when the account is well again
  const failures = (work: DueTarget) => blamed(work, now)?.failures ?? 0;
  const order = (a: DueTarget, b: DueTarget) =>
    rank(a) - rank(b) || urgency(a) - urgency(b) || failures(a) - failures(b) || byUrgency(a, b);
  const probes = new Map<string, Target>();
  for (const work of [...held].sort(order)) {
    const account = accountOf(work.target);
    if (!probes.has(account)) probes.set(account, work.target);
  }
  const waiting = new Set(held.filter(({ target }) => probes.get(accountOf(target)) !== target));
  return { now: due.filter((work) => !waiting.has(work)), waiting: [...waiting] };
}
