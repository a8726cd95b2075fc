import { UNHEALTHY } from '../decide/index.ts';
import { type AdminAccount, accountOf, accountsOf } from '../fleet/admin-account.ts';
import type { Fleet } from '../fleet/target.ts';
import { needsAnnouncement } from '../jobs/removed.ts';
import { parseLedger } from '../ledger/index.ts';
import { HOUR } from '../time.ts';
import { accountsDown, probed } from './accounts.ts';
import { cameDue } from './cadence.ts';
import { dueTargets, type Sweep } from './index.ts';
import { PACE, paced } from './pace.ts';

/** Something for a worker to look at. Hints, all of them: it looks for itself before it acts. */
export type Assignment =
  /**
   * `check`: its credential is to be tried at the registry too. `believed`: should the registry
   * refuse it, that is to be acted on; nobody else who looks at one target alone can tell whether
   * the registry refuses everybody.
   */
  | { readonly target: string; readonly check?: true; readonly believed?: true }
  /** A secret with the fleet's tag that is no target any more. */
  | { readonly removed: string }
  /** An admin account to look through for orphans. */
  | { readonly orphans: AdminAccount };

/** How often each admin account is looked through for orphans. */
export const ORPHANS_EVERY = 6 * HOUR;

export interface Assigned {
  readonly assignments: readonly Assignment[];
  readonly due: number;
  /** Due, and left to the next sweep for the sake of the pace. */
  readonly later: number;
  /** Due, and waiting for the probe of an account that is down. */
  readonly waiting: number;
  /** Those accounts, as provider and admin secret. */
  readonly down: readonly string[];
}

/** What a sweep hands to the workers; `minutes` is the time since the one before. */
export function assign(seen: Sweep, fleet: Fleet, now: Date, minutes: number): Assigned {
  const due = dueTargets(seen);
  const down = accountsDown(seen, now);
  const probes = probed(due, down, now, minutes);
  const pace = paced(probes.now, minutes);
  const checked = new Set(
    seen.targets.flatMap(({ target: { name, secret, verify }, snapshot }) =>
      snapshot &&
      parseLedger(snapshot).current?.credential &&
      cameDue(secret, verify.every, now, minutes)
        ? [name]
        : [],
    ),
  );
  const again = [...seen.doubts.again].slice(0, PACE * Math.max(minutes, 1));
  for (const name of again) checked.add(name);
  const believed = new Set(
    seen.targets.filter((one) => believes(one, seen)).map(({ target }) => target.name),
  );
  const names = new Set([...pace.now.map(({ target }) => target.name), ...checked]);
  // a worker that was sent to try a credential would do what is due first
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

/** Its registry refuses it, and that is not doubted. */
const believes = ({ target, snapshot }: Sweep['targets'][number], { doubts }: Sweep): boolean =>
  snapshot !== undefined &&
  (parseLedger(snapshot).current?.refused?.times ?? 0) >= UNHEALTHY &&
  !doubts.disbelieved.has(target.name);
