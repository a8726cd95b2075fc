import { decide, UNHEALTHY } from '../decide/index.ts';
import { type Ledger, parseLedger } from '../ledger/index.ts';
import { MINUTE, plus } from '../time.ts';
import { lastDue } from './cadence.ts';
import { byUrgency } from './pace.ts';
import type { Seen } from './seen.ts';

/**
 * How far back it is looked who was refused: longer than that, and one outage would be held against
 * the next one's all-clear.
 */
export const LOOK_BACK = 30 * MINUTE;

/**
 * The shortest stretch of it that tells anything: a refusal is believed ten minutes after the
 * first, so the doubt must be there by then.
 */
export const STRETCH = 10 * MINUTE;

/**
 * So many refused together are no accident; fewer are replaced one by one, which costs little and
 * is right if they are dead.
 */
export const TOGETHER = 3;

/**
 * What the registry said longer ago than that is asked again before it is believed: an outage may
 * be over since.
 */
export const FRESH = 20 * MINUTE;

/** A registry that refuses most of those who ask. */
export interface DoubtedRegistry {
  /** Short hash of its host. */
  readonly host: string;
  readonly refused: number;
  readonly tried: number;
  /** Targets that it refuses, by name. */
  readonly targets: readonly string[];
  /**
   * The one that is rotated all the same: if its new credential is accepted, the others may be dead
   * indeed.
   */
  readonly canary?: string;
}

export interface Doubts {
  readonly registries: readonly DoubtedRegistry[];
  /** Targets whose `unhealthy` is not to be acted on. */
  readonly disbelieved: ReadonlySet<string>;
  /** Those of them that are to be tried at the registry once more, since what it said is old. */
  readonly again: ReadonlySet<string>;
}

interface Tried extends Seen {
  readonly ledger: Ledger;
  /** How many sweeps ago it was to be tried; `undefined` if that was too long ago. */
  readonly ago: number | undefined;
}

/**
 * Whom to believe that its registry refuses it. One worker sees one target, and cannot tell a dead
 * credential from a registry that answers 401 to everybody; a sweep sees who was tried beside it.
 * Who was tried when follows from the cadence, who was refused then from the labels. What this
 * sweep itself hands out has not been tried yet, and counts for nothing.
 */
export function doubts(seen: readonly Seen[], now: Date, interval: number): Doubts {
  const minutes = Math.max(interval, 1);
  const sweeps = Math.max(Math.ceil(LOOK_BACK / (minutes * MINUTE)), shortest(minutes));
  const tried = seen.flatMap(({ target, snapshot }): Tried[] => {
    if (!snapshot) return [];
    const ago = lastDue(target.secret, target.verify.every, now, { minutes, sweeps });
    return [{ target, snapshot, ledger: parseLedger(snapshot), ago }];
  });
  const unhealthy = tried.filter(
    ({ ledger }) => ledger.current?.credential && ledger.current.refused,
  );
  const registries: DoubtedRegistry[] = [];
  const disbelieved = new Set<string>();
  const again = new Set<string>();
  for (const refused of Map.groupBy(unhealthy, registryOf).values()) {
    const places = new Set(refused.map(placeOf));
    const accepted = tried.filter(
      (one) =>
        !one.ledger.current?.refused && one.ledger.current?.credential && places.has(placeOf(one)),
    );
    const proven = acceptedSince(refused, accepted, now, minutes);
    const most = proven ? undefined : mostRefused(refused, accepted, { sweeps, minutes });
    const suspects = refused.filter(
      ({ ledger }) => (ledger.current?.refused?.times ?? 0) >= UNHEALTHY,
    );
    const canary = most && canaryOf(suspects, now);
    const since = Math.max(Number(plus(now, -FRESH)), Number(proven ?? 0));
    for (const { target, ledger } of suspects) {
      const stale = Number(ledger.current?.refused?.at) <= since;
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

const placeOf = ({ target: { provider, place = '' } }: Tried): string => `${provider} ${place}`;
const registryOf = (one: Tried): string => one.ledger.current?.refused?.host ?? placeOf(one);

/** Sweeps that the shortest stretch takes. */
const shortest = (minutes: number): number => Math.max(1, Math.ceil(STRETCH / (minutes * MINUTE)));

/**
 * A stretch in which most of those who were tried were refused, if there is one: the widest, since
 * that tells most.
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
 * When the registry accepted a fresh credential of the same place although it had refused the
 * others before: from then on it is well, and what it refuses is dead.
 */
function acceptedSince(
  refused: readonly Tried[],
  accepted: readonly Tried[],
  now: Date,
  minutes: number,
): Date | undefined {
  const issued = accepted.flatMap(({ ledger: { current } }) =>
    current?.credential ? [Number(current.credential.issuedAt)] : [],
  );
  const latest = Math.max(0, ...issued);
  const before = refused.filter(
    ({ ago }) => ago !== undefined && Number(now) - (ago - 1) * minutes * MINUTE <= latest,
  );
  return before.length >= TOGETHER ? new Date(latest) : undefined;
}

/** One at a time: none while the one before waits to be tried again, or is under way. */
function canaryOf(suspects: readonly Tried[], now: Date): string | undefined {
  const tries = ({ ledger: { current } }: Tried) =>
    current?.backoff && ['refused', 'unproven'].includes(current.backoff.code);
  if (suspects.some(({ ledger }) => ledger.pending)) return undefined;
  if (suspects.some((one) => tries(one) && (one.ledger.current?.backoff?.until ?? now) > now))
    return undefined;
  const able = suspects.flatMap(({ target, snapshot, ...more }) => {
    const decision = decide(target, snapshot, now);
    return decision.action === 'rotate'
      ? [{ target, decision, before: tries({ target, snapshot, ...more }) ? 0 : 1 }]
      : [];
  });
  const [canary] = able.sort((a, b) => a.before - b.before || byUrgency(a, b));
  return canary?.target.name;
}
