import { cameDue } from './cadence.ts';
import type { Fleet } from './fleet/target.ts';
import { parseLedger } from './ledger.ts';
import { paced } from './pace.ts';
import { dueTargets, type Sweep } from './sweep.ts';
import { HOUR } from './time.ts';

/** Something for a worker to look at. Hints, all of them: it looks for itself before it acts. */
export type Assignment =
  /** `check`: its credential is to be tried at the registry too. */
  | { readonly target: string; readonly check?: true }
  /** A secret with the fleet's tag that is no target any more. */
  | { readonly stranger: string }
  /** An admin account to look through for orphans. */
  | { readonly orphans: { readonly provider: string; readonly admin: string } };

/** How often each admin account is looked through for orphans. */
export const ORPHANS_EVERY = 6 * HOUR;

export interface Assigned {
  readonly assignments: readonly Assignment[];
  readonly due: number;
  /** Due, and left to the next sweep for the sake of the pace. */
  readonly later: number;
}

/** What a sweep hands to the workers; `minutes` is the time since the one before. */
export function assign(seen: Sweep, fleet: Fleet, now: Date, minutes: number): Assigned {
  const due = dueTargets(seen);
  const pace = paced(due, minutes);
  const checked = new Set(
    seen.targets.flatMap(({ target: { name, secret, verify }, snapshot }) =>
      snapshot && parseLedger(snapshot).current?.credential && cameDue(secret, verify.every, now, minutes) ? [name] : [],
    ),
  );
  const names = new Set([...pace.now.map(({ target }) => target.name), ...checked]);
  for (const { target } of pace.later) names.delete(target.name);
  const accounts = new Map(fleet.targets.map(({ provider, admin }) => [`${provider} ${admin}`, { provider, admin }]));
  return {
    assignments: [
      ...[...names].map((target) => ({ target, ...(checked.has(target) && { check: true as const }) })),
      ...seen.strangers.filter((stranger) => !parseLedger(stranger).current?.removedAt).map(({ name }) => ({ stranger: name })),
      ...[...accounts]
        .filter(([account]) => cameDue(`${fleet.id} ${account}`, ORPHANS_EVERY, now, minutes))
        .map(([, orphans]) => ({ orphans })),
    ],
    due: due.length,
    later: pace.later.length,
  };
}
