import { earlyEndFrom, limitOf, revocationTime, UNHEALTHY, wanted } from '../decide/index.ts';
import type { ErrorCode } from '../errors.ts';
import type { Target } from '../fleet/target.ts';
import { aliveBehind, isAlive, type Ledger, parseLedger, superseded } from '../ledger/index.ts';
import { HOUR, MINUTE, plus } from '../time.ts';
import type { Sweep } from './index.ts';

/** A problem with one target. */
export interface Trouble {
  readonly target: string;
  readonly provider: string;
  readonly kind:
    | 'failing'
    | 'unhealthy'
    | 'registry-doubted'
    /** A rotation is due, and nothing that is planned will let it go ahead. */
    | 'blocked'
    | 'compromised-open'
    /** It was reported together with many others: its early end waits for a confirmation. */
    | 'compromise-unconfirmed'
    | 'revocation-overdue'
    | 'admin-refused'
    | 'secret-missing';
  /** The class of the last error, the gate that blocks a rotation, or the credential's id. */
  readonly detail: string;
}

/** The health of the fleet, for metrics and alarms. */
export interface Measures {
  readonly troubles: readonly Trouble[];
  /** The age and the interval of each current credential, in milliseconds. */
  readonly ages: readonly {
    readonly target: string;
    readonly provider: string;
    readonly age: number;
    readonly interval: number;
  }[];
  /** Names of secrets with the fleet's tag and live credentials that no target names. */
  readonly removed: readonly string[];
}

/** Failures in a row that no longer look like a hiccup: about half an hour of tries. */
export const FAILING = 3;

/** Milliseconds. A revocation that is this late is a trouble. */
export const OVERDUE = 1 * HOUR;

/**
 * Milliseconds. A credential may be alive this long after it was reported as compromised: a
 * rotation, its proof, and a hiccup or two.
 */
export const OPEN = 30 * MINUTE;

const adminTroubles: readonly ErrorCode[] = ['admin-refused', 'admin-missing', 'forbidden'];

/** Derives the health of the fleet from a sweep. Pure: everything is in the labels. */
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

/** The current failures: to supersede the current version, or to revoke a superseded one. */
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
 * The gate that blocks a due rotation, if no time is known at which it opens. A doubted registry is
 * another trouble.
 */
function blocking(target: Target, ledger: Ledger, now: Date): string | undefined {
  const reason = wanted({ target, ledger, now });
  const limit = reason && limitOf(target, ledger, now, reason);
  return limit && !limit.until ? limit.reason : undefined;
}

/**
 * Ids of credentials that are alive although they were reported as compromised. A superseded
 * credential has the grace of the target for compromised ones.
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
 * Ids of credentials that stay alive until a person confirms that they are compromised, or their
 * grace is over.
 */
const unconfirmed = ({ versions }: Ledger, now: Date): readonly string[] =>
  versions.flatMap((version) =>
    version.confirmation === 'awaited' && version.credential && isAlive(version, now)
      ? [version.credential.id]
      : [],
  );

/** Ids of superseded credentials that are overdue for revocation by an hour. */
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

/** One trouble for each registry that refuses most logins, instead of one for each target. */
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
