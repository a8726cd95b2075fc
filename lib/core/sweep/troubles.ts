import {
  earlyEndFrom,
  limitOf,
  revocationTime,
  type Situation,
  UNHEALTHY,
  wanted,
} from '../decide/index.ts';
import type { ErrorCode } from '../errors.ts';
import type { Target } from '../fleet/target.ts';
import { isAlive, type Ledger, superseded } from '../ledger/index.ts';
import { HOUR, MINUTE, plus } from '../time.ts';

/** A problem that the labels of one secret show. */
export interface Found {
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

/** Finds the problems of one target. */
export function troublesOf(situation: Situation): readonly Found[] {
  const { target, ledger, now } = situation;
  const { credential, refused } = ledger.current ?? {};
  const troubles: Found[] = [];
  const found = (kind: Found['kind'], detail: string) => troubles.push({ kind, detail });
  if ((refused?.times ?? 0) >= UNHEALTHY) found('unhealthy', credential?.id ?? '');
  for (const { failures, code } of failuresOf(target, ledger)) {
    if (failures >= FAILING) found('failing', code);
    if (adminTroubles.includes(code)) found('admin-refused', target.admin);
  }
  const gate = blocking(situation);
  if (gate) found('blocked', gate);
  for (const id of unconfirmed(ledger, now)) found('compromise-unconfirmed', id);
  for (const id of open(target, ledger, now)) found('compromised-open', id);
  for (const id of overdue(target, ledger, now)) found('revocation-overdue', id);
  return troubles;
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
function blocking(situation: Situation): string | undefined {
  const { target, ledger, now } = situation;
  const reason = wanted(situation);
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
