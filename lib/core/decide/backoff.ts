import { type ErrorCode, isRetryable } from '../errors.ts';
import type { Target } from '../fleet/target.ts';
import type { Backoff, Ledger, Version } from '../ledger/index.ts';
import { earliest, HOUR, latest, MINUTE, plus } from '../time.ts';
import { ALWAYS, reach } from './situation.ts';

/*
 * The wait after a failure depends on its urgency, on the remaining life of the current credential,
 * and on the cause.
 */

/** Waits for a healthy credential that is only old. */
const ladder = [1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR];
const LONGEST = 24 * HOUR;

/**
 * Failures in a row after which a target is paused: rekey retries after eight hours and then once a
 * day, until a request arrives or its parameters change.
 */
export const PAUSED_AFTER = 5;

/** True if a target failed often, and its backoff until `until` is long. */
export const isPaused = (
  { failures, at }: Pick<Backoff, 'failures' | 'at'>,
  until: Date,
): boolean => failures >= PAUSED_AFTER && Number(until) - Number(at) >= 2 * HOUR;

/** The longest wait while the current credential is dead or compromised. */
const WAIT_IF_DEAD = 5 * MINUTE;

/** Faults of a whole admin account, not of one target. The sweep sends one probe at a time. */
export const accountFaults: readonly ErrorCode[] = [
  'admin-refused',
  'admin-missing',
  'throttled',
  'provider-failed',
  'unreachable',
];

/**
 * No room for another credential: the end of that is unknown. A person makes room, or the next
 * revocation that succeeds.
 */
export const lacksRoom: readonly ErrorCode[] = ['label-limit', 'quota'];

/** The longest wait for an account at fault. It is not shorter, because vendors lock accounts. */
const PROBE = 30 * MINUTE;

/**
 * The longest wait for other errors. A registry is checked less often. A bug in rekey ends with the
 * next release, and a fault of the event bus with its outage.
 */
const bounds: Partial<Record<ErrorCode, number>> = {
  unproven: 2 * HOUR,
  internal: PROBE,
  'events-failed': 5 * MINUTE,
};

/**
 * The wait after `failures` failures in a row, in milliseconds. `retryAfter`: the wait that the
 * other side asked for, in milliseconds.
 */
export const pauseAfter = (failures: number, code: ErrorCode, retryAfter = 0): number => {
  const longest = accountFaults.includes(code) ? PROBE : (bounds[code] ?? LONGEST);
  return Math.min(
    Math.max(Math.min(ladder[failures - 1] ?? LONGEST, longest), retryAfter),
    LONGEST,
  );
};

/**
 * The end of the backoff, until which nothing is issued. A changed spec, or a request or a report
 * after the failure, clears the backoff. The remaining life of the current credential bounds it.
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

/** Errors that are not retryable, and may end without a change to the target. */
const mayPass: readonly ErrorCode[] = [...accountFaults, ...lacksRoom];

/**
 * The longest backoff that a target can afford: an eighth of the life that was left when it failed;
 * five minutes once the current credential is dead or compromised.
 */
function patience(
  { credential, compromisedAt, refused, requested }: Version,
  { at, code }: Backoff,
  now: Date,
): number {
  // none was issued yet: retry soon, unless only a person can fix the cause
  if (!credential) return isRetryable(code) || mayPass.includes(code) ? WAIT_IF_DEAD : LONGEST;
  const { expiresAt } = credential;
  if (compromisedAt || refused || (expiresAt && expiresAt <= latest(now, plus(at, MINUTE))))
    return WAIT_IF_DEAD;
  // a person requested it, and does not wait longer than the account does
  if (requested && accountFaults.includes(code)) return WAIT_IF_DEAD;
  return expiresAt ? Math.max(MINUTE, (Number(expiresAt) - Number(at)) / 8) : LONGEST;
}

/**
 * The end of the backoff of a revocation. A compromised credential never waits long, nor one whose
 * room is needed, and a repeated report clears the backoff.
 */
export function revokeBackoffEnd(
  target: Target,
  version: Version,
  { reportedAt, roomNeeded }: { readonly reportedAt: Date | undefined; roomNeeded: boolean },
): Date | undefined {
  const { revokeBackoff: backoff, compromisedAt, credential } = version;
  if (!backoff) return undefined;
  if (compromisedAt && reportedAt && reportedAt > backoff.at) return undefined;
  if (backoff.code === 'out-of-reach' && reach(target, credential?.place) !== undefined)
    return undefined;
  return compromisedAt || roomNeeded
    ? earliest(backoff.until, plus(backoff.at, WAIT_IF_DEAD))
    : backoff.until;
}
