import { type AdminAccount, accountOf, accountsOf } from '../fleet/admin-account.ts';
import type { Fleet } from '../fleet/target.ts';
import { needsAnnouncement } from '../jobs/removed.ts';
import { HOUR } from '../time.ts';
import { accountsDown, probed } from './accounts.ts';
import { cameDue } from './cadence.ts';
import { factsOf, isUnhealthy } from './facts.ts';
import { dueTargets, type Sweep } from './index.ts';
import { PACE, paced } from './pace.ts';

/** Work for a worker. Every assignment is a hint: the worker reads the secret before it acts. */
export type Assignment =
  /**
   * `check`: check its credential at the registry too. `believed`: act on a refusal by the
   * registry. A worker sees only one target, and cannot know whether the registry refuses every
   * login.
   */
  | { readonly target: string; readonly check?: true; readonly believed?: true }
  /** A secret with the fleet's tag that is no longer a target. */
  | { readonly removed: string }
  /** An admin account to scan for orphans. */
  | { readonly orphans: AdminAccount };

/** Milliseconds between two orphan scans of an admin account. */
export const ORPHANS_EVERY = 6 * HOUR;

/** The result of a sweep, for the workers and the metrics. */
export interface Assigned {
  readonly assignments: readonly Assignment[];
  readonly due: number;
  /** Count of due targets that the pace leaves to the next sweep. */
  readonly later: number;
  /** Count of due targets that wait for the probe of an account that is down. */
  readonly waiting: number;
  /** The accounts that are down, as provider and admin secret. */
  readonly down: readonly string[];
}

/** The work that a sweep hands to the workers. `minutes` is the time since the previous sweep. */
export function assign(seen: Sweep, fleet: Fleet, now: Date, minutes: number): Assigned {
  const due = dueTargets(seen);
  const down = accountsDown(seen, now);
  const probes = probed(due, down, now, minutes);
  const pace = paced(probes.now, minutes);
  const checked = new Set(
    seen.targets.flatMap((one) => {
      const { name, secret, verify } = one.target;
      const issued = factsOf(one, now)?.issuedAt !== undefined;
      return issued && cameDue(secret, verify.every, now, minutes) ? [name] : [];
    }),
  );
  const again = [...seen.doubts.again].slice(0, PACE * Math.max(minutes, 1));
  for (const name of again) checked.add(name);
  const believed = new Set(
    seen.targets.filter((one) => believes(one, seen, now)).map(({ target }) => target.name),
  );
  // the message with the request can be lost
  const untold = seen.targets.filter((one) => isUntold(one, now)).map(({ target }) => target.name);
  const names = new Set([...pace.now.map(({ target }) => target.name), ...checked, ...untold]);
  // a worker that checks a credential would do the due work first
  for (const { target } of [...pace.later, ...probes.waiting]) names.delete(target.name);
  return {
    assignments: [
      ...[...names].map((target) => ({
        target,
        ...(checked.has(target) && { check: true as const }),
        ...(believed.has(target) && { believed: true as const }),
      })),
      ...seen.removed
        .filter((secret) => needsAnnouncement(secret, now, minutes))
        .map(({ name }) => ({ removed: name })),
      ...accountsOf(fleet)
        .filter((account) =>
          cameDue(`${fleet.id} ${accountOf(account)}`, ORPHANS_EVERY, now, minutes),
        )
        .map((orphans) => ({ orphans })),
    ],
    due: due.length,
    later: pace.later.length,
    waiting: probes.waiting.length,
    down: [...down],
  };
}

/** True if a request waits, and its requester does not know that. */
const isUntold = (one: Sweep['targets'][number], now: Date): boolean =>
  one.decision.reason !== 'secret-missing' && factsOf(one, now)?.untold === true;

/** True if its registry refuses it, and the refusal is not in doubt. */
const believes = (one: Sweep['targets'][number], { doubts }: Sweep, now: Date): boolean =>
  isUnhealthy(factsOf(one, now)?.refused) && !doubts.disbelieved.has(one.target.name);
