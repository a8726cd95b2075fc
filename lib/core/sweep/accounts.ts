import { type Action, accountFaults } from '../decide/index.ts';
import { accountOf } from '../fleet/admin-account.ts';
import type { Target } from '../fleet/target.ts';
import { type Backoff, parseLedger } from '../ledger/index.ts';
import { HOUR, MINUTE, plus } from '../time.ts';
import type { DueTarget, Sweep } from './index.ts';
import { byUrgency, urgency } from './pace.ts';

/**
 * What asks the provider. All else is done while an account is down: it needs the secret, the bus
 * or the registry alone.
 */
const needsProvider: ReadonlySet<Action> = new Set(['rotate', 'revoke', 'delete']);

/**
 * A back-off that nobody renewed this long after it was over tells of something that nobody wants
 * any more.
 */
const STALE = 1 * HOUR;

/**
 * Every how many probes another target is asked: what looks like a fault of the account may be one
 * of a single target.
 */
export const OTHER_EVERY = 3;

/** The back-off of a target that its account is to blame for. */
function blamed({
  target,
  snapshot,
}: Pick<Sweep['targets'][number], 'target' | 'snapshot'>): Backoff | undefined {
  const backoff = snapshot && parseLedger(snapshot).current?.backoff;
  return backoff && backoff.spec === target.spec && accountFaults.includes(backoff.code)
    ? backoff
    : undefined;
}

/**
 * The accounts that are down: the last that the ledgers tell of them is such a failure, and not a
 * credential that was issued. Nothing is remembered, so a probe that succeeds is an all-clear by
 * itself.
 */
export function accountsDown({ targets }: Pick<Sweep, 'targets'>, now: Date): ReadonlySet<string> {
  const failed = new Map<string, number>();
  const issued = new Map<string, number>();
  const latest = (words: Map<string, number>, account: string, at: Date) =>
    words.set(account, Math.max(words.get(account) ?? 0, Number(at)));
  for (const seen of targets) {
    const account = accountOf(seen.target);
    const backoff = blamed(seen);
    if (backoff && now < plus(backoff.until, STALE)) latest(failed, account, backoff.at);
    for (const { credential } of seen.snapshot ? parseLedger(seen.snapshot).versions : []) {
      if (credential?.spec === seen.target.spec) latest(issued, account, credential.issuedAt);
    }
  }
  return new Set(
    [...failed]
      .filter(([account, at]) => at > (issued.get(account) ?? 0))
      .map(([account]) => account),
  );
}

/**
 * Of each account that is down one target goes, as a probe; the others wait, without a label or an
 * event. A target that has such a back-off already goes first, so that an outage does not write one
 * on every secret.
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
  const rank = (work: DueTarget) => Number((blamed(work) === undefined) !== another);
  // of those that failed, the one that failed least: none climbs the ladder alone, to stand there
  // when the account is well again
  const failures = (work: DueTarget) => blamed(work)?.failures ?? 0;
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
