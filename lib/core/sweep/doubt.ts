import type { Target } from '../fleet/target.ts';
import { MINUTE, plus } from '../time.ts';
import { lastDue } from './cadence.ts';
import { factsOf, isUnhealthy } from './facts.ts';
import { byUrgency } from './pace.ts';
import type { Facts, Seen } from './seen.ts';

/**
 * Milliseconds. Refusals this old still count. With a longer period, one outage would count against
 * the all-clear after the next.
 */
export const LOOK_BACK = 30 * MINUTE;

/**
 * Milliseconds. The shortest period that is conclusive: a refusal is believed ten minutes after the
 * first one, so the doubt must exist by then.
 */
export const STRETCH = 10 * MINUTE;

/**
 * This many refusals together are no accident. Fewer credentials are replaced one by one, which
 * costs little and is right if they are dead.
 */
export const TOGETHER = 3;

/**
 * Milliseconds. An older verdict of the registry is checked again before it is believed: an outage
 * may be over since.
 */
export const FRESH = 20 * MINUTE;

/** A registry that refuses most of the logins that were checked. */
export interface DoubtedRegistry {
  /** Short hash of its host. */
  readonly host: string;
  readonly refused: number;
  readonly tried: number;
  /** Names of the targets that it refuses. */
  readonly targets: readonly string[];
  /**
   * The target that is rotated anyway: if the registry accepts its new credential, the others may
   * really be dead.
   */
  readonly canary?: string;
}

/** The refusals that are in doubt, for each registry and each target. */
export interface Doubts {
  readonly registries: readonly DoubtedRegistry[];
  /** Targets whose `unhealthy` is not to be acted on. */
  readonly disbelieved: ReadonlySet<string>;
  /** The ones among them to check at the registry once more, because the verdict is old. */
  readonly again: ReadonlySet<string>;
}

interface Tried {
  readonly target: Target;
  readonly facts: Facts;
  /** How many sweeps ago its check was due; `undefined` if that was too long ago. */
  readonly ago: number | undefined;
}

/**
 * Decides which refusals to believe. A worker sees one target, and cannot distinguish a dead
 * credential from a registry that answers 401 to every login; a sweep sees the other targets that
 * were checked at the same time. The cadence shows when each was checked, the labels show which
 * were refused. Targets that this sweep hands out have not been checked yet, and do not count.
 */
export function doubts(seen: readonly Seen[], now: Date, interval: number): Doubts {
  const minutes = Math.max(interval, 1);
  const sweeps = Math.max(Math.ceil(LOOK_BACK / (minutes * MINUTE)), shortest(minutes));
  const issued = seen.flatMap((one) => {
    const facts = factsOf(one, now);
    return facts?.issuedAt !== undefined ? [{ target: one.target, facts }] : [];
  });
  const tried = ({ target, facts }: Omit<Tried, 'ago'>): Tried => ({
    target,
    facts,
    ago: lastDue(target.secret, target.verify.every, now, { minutes, sweeps }),
  });
  const unhealthy = issued.filter(({ facts }) => facts.refused).map(tried);
  const registries: DoubtedRegistry[] = [];
  const disbelieved = new Set<string>();
  const again = new Set<string>();
  for (const refused of Map.groupBy(unhealthy, registryOf).values()) {
    const places = new Set(refused.map(placeOf));
    const accepted = issued
      .filter((one) => !one.facts.refused && places.has(placeOf(one)))
      .map(tried);
    const proven = acceptedSince(refused, accepted, now, minutes);
    const most = proven ? undefined : mostRefused(refused, accepted, { sweeps, minutes });
    const suspects = refused.filter(({ facts }) => isUnhealthy(facts.refused));
    const canary = most && canaryOf(suspects, now);
    const since = Math.max(Number(plus(now, -FRESH)), Number(proven ?? 0));
    for (const { target, facts } of suspects) {
      const stale = Number(facts.refused?.at) <= since;
      if (target.name === canary || (!most && !stale)) continue;
      disbelieved.add(target.name);
      if (!most) again.add(target.name);
    }
    const [first] = refused;
    const targets = refused.map(({ target }) => target.name);
    if (most && first)
      registries.push({ host: registryOf(first), ...most, targets, ...(canary && { canary }) });
  }
  return { registries, disbelieved, again };
}

const placeOf = ({ target: { provider, place = '' } }: Pick<Tried, 'target'>): string =>
  `${provider} ${place}`;
const registryOf = (one: Tried): string => one.facts.refused?.host ?? placeOf(one);

/** Sweeps that the shortest period takes. */
const shortest = (minutes: number): number => Math.max(1, Math.ceil(STRETCH / (minutes * MINUTE)));

/**
 * The longest period in which most of the checked targets were refused, if there is one: it shows
 * the most.
 */
function mostRefused(
  refused: readonly Tried[],
  accepted: readonly Tried[],
  { sweeps, minutes }: { readonly sweeps: number; readonly minutes: number },
): { readonly refused: number; readonly tried: number } | undefined {
  for (let length = sweeps; length >= shortest(minutes); length--) {
    for (let newest = 1; newest + length - 1 <= sweeps; newest++) {
      const within = ({ ago }: Tried) =>
        ago !== undefined && ago >= newest && ago < newest + length;
      const no = refused.filter(within).length;
      const yes = accepted.filter(within).length;
      if (no >= TOGETHER && no > yes) return { refused: no, tried: no + yes };
    }
  }
  return undefined;
}

/**
 * When the registry accepted a fresh credential of the same place after it had refused the others:
 * from then on the registry works, and a refused credential is dead.
 */
function acceptedSince(
  refused: readonly Tried[],
  accepted: readonly Tried[],
  now: Date,
  minutes: number,
): Date | undefined {
  // not by spreading: there may be more of them than a call takes arguments
  const latest = accepted.reduce((last, { facts }) => Math.max(last, facts.issuedAt ?? 0), 0);
  const before = refused.filter(
    ({ ago }) => ago !== undefined && Number(now) - (ago - 1) * minutes * MINUTE <= latest,
  );
  return before.length >= TOGETHER ? new Date(latest) : undefined;
}

/**
 * Chooses one canary at a time: none while the previous one waits for its next try, or is in
 * progress.
 */
function canaryOf(suspects: readonly Tried[], now: Date): string | undefined {
  const tries = ({ facts: { backoff } }: Tried) =>
    backoff !== undefined && ['refused', 'unproven'].includes(backoff.code);
  if (suspects.some(({ facts }) => facts.pending)) return undefined;
  if (suspects.some((one) => tries(one) && (one.facts.backoff?.until ?? now) > now))
    return undefined;
  const able = suspects.flatMap((one) => {
    const { decision } = one.facts;
    return decision.action === 'rotate'
      ? [{ target: one.target, decision, before: tries(one) ? 0 : 1 }]
      : [];
  });
  const [canary] = able.sort((a, b) => a.before - b.before || byUrgency(a, b));
  return canary?.target.name;
}
