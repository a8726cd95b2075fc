import { earlyEndFrom, limitOf, revocationTime, UNHEALTHY, wanted } from '../decide/index.ts';
import type { ErrorCode } from '../errors.ts';
import type { Target } from '../fleet/target.ts';
import { aliveBehind, isAlive, type Ledger, parseLedger, superseded } from '../ledger/index.ts';
import { HOUR, MINUTE, plus } from '../time.ts';
import type { Sweep } from './index.ts';

/** What is not as it should be with one target. */
export interface Trouble {
  readonly target: string;
  readonly provider: string;
  readonly kind:
    | 'failing'
    | 'unhealthy'
    | 'registry-doubted'
    /** It should rotate, and nothing that is to come by itself will let it. */
    | 'blocked'
    | 'compromised-open'
    /** It was reported together with many others: that it ends early waits for a confirmation. */
    | 'compromise-unconfirmed'
    | 'revocation-overdue'
    | 'admin-refused'
    | 'secret-missing';
  /** What to look at: the class of the last error, what holds it back, or the credential's id. */
  readonly detail: string;
}

export interface Measures {
  readonly troubles: readonly Trouble[];
  /** Of each current credential, in milliseconds. */
  readonly ages: readonly {
    readonly target: string;
    readonly provider: string;
    readonly age: number;
    readonly interval: number;
  }[];
  /**
   * Names of secrets with the fleet's tag that no target names, and behind which credentials are
   * alive.
   */
  readonly removed: readonly string[];
}

/**
 * Failures in a row from which on it no longer looks like a hiccup: about half an hour of trying.
 */
export const FAILING = 3;

/** How late a revocation may be before somebody is told. */
export const OVERDUE = 1 * HOUR;

/**
 * How long a credential may be alive after it was reported as compromised: a rotation, its proof,
 * and a hiccup or two.
 */
export const OPEN = 30 * MINUTE;

const adminTroubles: readonly ErrorCode[] = ['admin-refused', 'admin-missing', 'forbidden'];

/** Reads from what a sweep saw how the fleet is. Pure: everything is in the labels. */
export function measure({ targets, removed, doubts }: Sweep, now: Date): Measures {
  const troubles = doubted(targets, doubts);
  const together = new Set(doubts.registries.flatMap((registry) => registry.targets));
  const ages: { target: string; provider: string; age: number; interval: number }[] = [];
  for (const { target, snapshot, decision } of targets) {
    const { name, provider, interval } = target;
    const found = (kind: Trouble['kind'], detail: string) =>
      troubles.push({ target: name, provider, kind, detail });
    if (!snapshot || decision.reason === 'secret-missing') {
      found('secret-missing', decision.message);
      continue;
    }
    const ledger = parseLedger(snapshot);
    const issuedAt = ledger.current?.credential?.issuedAt;
    if (issuedAt)
      ages.push({
        target: name,
        provider,
        interval,
        age: Math.max(0, Number(now) - Number(issuedAt)),
      });
    if ((ledger.current?.refused?.times ?? 0) >= UNHEALTHY && !together.has(name))
      found('unhealthy', ledger.current?.credential?.id ?? '');
    for (const { failures, code } of failuresOf(target, ledger)) {
      if (failures >= FAILING) found('failing', code);
      if (adminTroubles.includes(code)) found('admin-refused', target.admin);
    }
    const gate = blocking(target, ledger, now);
    if (gate) found('blocked', gate);
    for (const id of unconfirmed(ledger, now)) found('compromise-unconfirmed', id);
    for (const id of open(target, ledger, now)) found('compromised-open', id);
    for (const id of overdue(target, ledger, now)) found('revocation-overdue', id);
  }
  const unattended = removed
    .filter((secret) => aliveBehind(parseLedger(secret), now).length > 0)
    .map(({ name }) => name);
  return { troubles, ages, removed: unattended };
}

/** What is failing just now: superseding the current version, revoking one before it. */
function failuresOf({ spec }: Target, { current, versions }: Ledger) {
  const backoffs = [
    current?.backoff,
    ...versions.filter(superseded).map(({ revokeBackoff }) => revokeBackoff),
  ];
  return backoffs
    .filter((backoff) => backoff !== undefined)
    .filter((backoff) => backoff.spec === spec);
}

/**
 * What holds a rotation back that is due, if no time is known when it will not. A doubted registry
 * is a trouble by itself.
 */
function blocking(target: Target, ledger: Ledger, now: Date): string | undefined {
  const reason = wanted({ target, ledger, now });
  const limit = reason && limitOf(target, ledger, now, reason);
  return limit && !limit.until ? limit.reason : undefined;
}

/**
 * Ids of credentials that are alive although they were reported as compromised. What was superseded
 * has the grace that was set for it.
 */
function open({ compromisedGrace }: Target, { versions }: Ledger, now: Date): readonly string[] {
  return versions.flatMap((version) => {
    const { credential } = version;
    const compromisedAt = earlyEndFrom(version);
    if (!compromisedAt || !credential || !isAlive(version, now)) return [];
    const grace = superseded(version) ? compromisedGrace : 0;
    return plus(compromisedAt, grace + OPEN) < now ? [credential.id] : [];
  });
}

/**
 * Ids of credentials that are alive until somebody confirms that they are compromised, or their
 * grace is over.
 */
const unconfirmed = ({ versions }: Ledger, now: Date): readonly string[] =>
  versions.flatMap((version) =>
    version.confirmation === 'awaited' && version.credential && isAlive(version, now)
      ? [version.credential.id]
      : [],
  );

/** Ids of superseded credentials that should be gone for an hour. */
function overdue(target: Target, { versions }: Ledger, now: Date): readonly string[] {
  return versions
    .filter(superseded)
    .filter((version) => {
      const due = version.disabledAt
        ? plus(version.disabledAt, target.soak)
        : revocationTime(target, version);
      return due !== undefined && plus(due, OVERDUE) < now;
    })
    .map(({ credential }) => credential.id);
}

/**
 * One trouble for each registry that refuses most of those who ask, and not one for each of them.
 */
function doubted(targets: Sweep['targets'], { registries }: Sweep['doubts']): Trouble[] {
  return registries.flatMap(({ targets: names, refused, tried }) => {
    const one = targets.find(({ target }) => names.includes(target.name));
    if (!one) return [];
    const { name, provider } = one.target;
    return [
      {
        target: name,
        provider,
        kind: 'registry-doubted',
        detail: `${refused} of ${tried} are refused`,
      } as const,
    ];
  });
}
