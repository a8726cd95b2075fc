import { type ErrorCode, isRetryable } from '../errors.ts';
import type { Target } from '../fleet/target.ts';
import type { Backoff, Ledger, Version } from '../ledger/index.ts';
import { earliest, HOUR, latest, MINUTE, plus } from '../time.ts';
import { ALWAYS, reach } from './situation.ts';

/*
 * How long a failure waits follows from urgency, from the life that is left, and from whose fault it is.
 */

/** For a healthy credential that is merely old. */
const ladder = [1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR];
const LONGEST = 24 * HOUR;

/**
 * Failures in a row after which a target is paused: tried after eight hours and then once a day,
 * until somebody asks or its parameters change.
 */
export const PAUSED_AFTER = 5;

/** It failed often, and is left alone for long: until then. */
export const isPaused = (
  { failures, at }: Pick<Backoff, 'failures' | 'at'>,
  until: Date,
): boolean => failures >= PAUSED_AFTER && Number(until) - Number(at) >= 2 * HOUR;

/** What is dead or compromised never waits longer. */
const WAIT_IF_DEAD = 5 * MINUTE;

/** Faults of a whole admin account, not of a target. The sweep sends one probe at a time. */
export const accountFaults: readonly ErrorCode[] = [
  'admin-refused',
  'admin-missing',
  'throttled',
  'provider-failed',
  'unreachable',
];

/** An account that is down is probed at least this often: not more, since vendors lock accounts. */
const PROBE = 30 * MINUTE;

/**
 * A registry is asked less often. What is nobody's fault but rekey's, or the event bus's, is over
 * with the next release, or with its outage.
 */
const bounds: Partial<Record<ErrorCode, number>> = {
  unproven: 2 * HOUR,
  internal: PROBE,
  'events-failed': 5 * MINUTE,
};

/**
 * The pause after so many failures in a row. `retryAfter`: what the other side asked for, in
 * milliseconds.
 */
export const pauseAfter = (failures: number, code: ErrorCode, retryAfter = 0): number => {
  const longest = accountFaults.includes(code) ? PROBE : (bounds[code] ?? LONGEST);
  return Math.min(
    Math.max(Math.min(ladder[failures - 1] ?? LONGEST, longest), retryAfter),
    LONGEST,
  );
};

/**
 * Until when nothing is issued. A changed spec, and a request or a report that came after the
 * failure, clear the back-off; what is left of the life of the current credential bounds it.
 */
export function backoffEnd(
  target: Target,
  { current, reportedAt }: Ledger,
  now: Date,
): Date | undefined {
  const { backoff, requested } = current ?? {};
  if (!current || !backoff || backoff.spec !== target.spec) return undefined;
  if (latest(requested?.at ?? ALWAYS, reportedAt ?? ALWAYS) > backoff.at) return undefined;
  return earliest(backoff.until, plus(backoff.at, patience(current, backoff, now)));
}

/**
 * An eighth of the life that was left when it failed; five minutes once the current credential is
 * dead or compromised.
 */
function patience(
  { credential, compromisedAt, refused, requested }: Version,
  { at, code }: Backoff,
  now: Date,
): number {
  // there is none yet: as soon as what a person need not mend is over
  if (!credential)
    return isRetryable(code) || accountFaults.includes(code) ? WAIT_IF_DEAD : LONGEST;
  const { expiresAt } = credential;
  if (compromisedAt || refused || (expiresAt && expiresAt <= latest(now, plus(at, MINUTE))))
    return WAIT_IF_DEAD;
  // somebody asked, and is not to wait longer than the account does
  if (requested && accountFaults.includes(code)) return WAIT_IF_DEAD;
  return expiresAt ? Math.max(MINUTE, (Number(expiresAt) - Number(at)) / 8) : LONGEST;
}

/**
 * Until when a revocation is left alone. A compromised credential never waits long, and a repeated
 * report starts it again.
 */
export function revokeBackoffEnd(
  target: Target,
  version: Version,
  reportedAt: Date | undefined,
): Date | undefined {
  const { revokeBackoff: backoff, compromisedAt, credential } = version;
  if (!backoff) return undefined;
  if (compromisedAt && reportedAt && reportedAt > backoff.at) return undefined;
  if (backoff.code === 'out-of-reach' && reach(target, credential?.place) !== undefined)
    return undefined;
  return compromisedAt ? earliest(backoff.until, plus(backoff.at, WAIT_IF_DEAD)) : backoff.until;
}
