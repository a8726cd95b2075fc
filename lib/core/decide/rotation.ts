import { createHash } from 'node:crypto';
import type { Target } from '../fleet/target.ts';
import { nextOpening } from '../fleet/window.ts';
import { type Ledger, superseded, type Version } from '../ledger.ts';
import { formatDuration, latest, MINUTE, plus } from '../time.ts';
import { ALWAYS, type Check, type Due, NEVER, type Reason, type Situation } from './situation.ts';

/** Never sooner than this after the last version: Secrets Manager keeps about 100, and drops none younger than a day. */
export const MIN_AGE = 15 * MINUTE;

/** Failures in a row after which a target is paused: tried after eight hours and then once a day, until somebody asks or its parameters change. */
export const PAUSED_AFTER = 5;

/** Refusals in a row after which the current credential is taken for dead. */
export const UNHEALTHY = 2;

/** How long Secrets Manager is left alone after it was asked to rotate. */
const ASK_AGAIN = 15 * MINUTE;

/** Labels a rotation may attach: AWSPENDING, credential, AWSPREVIOUS; revoke-after on the one before; a back-off. */
const LABELS_NEEDED = 5;

interface Wish {
  readonly reason: Reason;
  readonly message: string;
  readonly at: Date;
  /** Does not wait for the maintenance window, nor after a roll-back. */
  readonly urgent: boolean;
}

/** The reasons to rotate, most pressing first: the first that is due is acted on. One candidate at a time. */
export const rotation: Check = (situation) =>
  situation.target.retired || situation.ledger.pending ? [] : wishes(situation).map((wish) => gated(wish, situation));

/** The most pressing reason to rotate now, whatever holds it back. */
export const wanted = (situation: Situation): Reason | undefined =>
  wishes(situation).find(({ at }) => at <= situation.now)?.reason;

function wishes({ target, ledger: { current } }: Situation): Wish[] {
  const credential = current?.credential;
  if (!credential) {
    const message = current ? 'the current version was not issued by rekey' : 'no credential was issued yet';
    return [{ reason: 'never-issued', message, at: ALWAYS, urgent: true }];
  }
  const found: Wish[] = [];
  const { requestedAt, compromisedAt } = current;
  if (compromisedAt) {
    found.push({ reason: 'compromised', message: 'the current credential is compromised', at: compromisedAt, urgent: true });
  }
  if (requestedAt) found.push({ reason: 'requested', message: 'a rotation was requested', at: requestedAt, urgent: true });
  if (current.refused && current.refused.times >= UNHEALTHY) {
    found.push({
      reason: 'unhealthy',
      message: 'the registry refuses the current credential',
      at: current.refused.at,
      urgent: true,
    });
  }
  if (credential.spec !== target.spec) {
    found.push({
      reason: 'spec-changed',
      message: 'issued for other parameters than the fleet file has now',
      at: ALWAYS,
      urgent: false,
    });
  }
  if (credential.expiresAt) {
    const at = plus(credential.expiresAt, -renewBefore(target, credential.issuedAt, credential.expiresAt));
    found.push({ reason: 'expiring', message: `expires at ${credential.expiresAt.toISOString()}`, at, urgent: true });
  }
  const age = target.interval * (0.9 + 0.1 * phase(target));
  const message = `issued at ${credential.issuedAt.toISOString()}, rotated every ${formatDuration(target.interval)}`;
  found.push({ reason: 'too-old', message, at: plus(credential.issuedAt, age), urgent: false });
  return found;
}

/** The successor has to be live, and the grace over, before this one expires; but never more than half its life ahead. */
function renewBefore({ grace }: Target, issuedAt: Date, expiresAt: Date): number {
  return Math.min(grace + MIN_AGE, (Number(expiresAt) - Number(issuedAt)) / 2);
}

/** From 0 to 1, always the same for a target: spreads a fleet that was issued at once over a tenth of the interval. */
export const phase = ({ fleet, name }: Target): number =>
  createHash('sha256').update(`phase/${fleet}/${name}`).digest().readUInt32BE(0) / 2 ** 32;

function gated(wish: Wish, { target, ledger, now }: Situation): Due {
  const { reason, message, urgent } = wish;
  const due = { action: 'rotate', reason, message, ...(ledger.current && { version: ledger.current }) } as const;
  let at = wish.at;
  let gate: Reason | undefined;
  const hold = (until: Date | undefined, why: Reason) => {
    if (!until || until <= at || until <= now) return;
    at = until;
    gate = why;
  };
  const paused = (ledger.current?.backoff?.failures ?? 0) >= PAUSED_AFTER;
  hold(backoffEnd(target, ledger.current), paused ? 'paused' : 'backing-off');
  hold(askedUntil(ledger.current), 'asked');
  if (!urgent) hold(rolledBackUntil(ledger), 'rolled-back');
  const limit = limitOf(target, ledger, now);
  if (limit) hold(limit.until, limit.reason);
  if (!urgent && target.window && at < NEVER) hold(nextOpening(target.window, latest(at, now)), 'outside-window');
  return { ...due, at, ...(gate && { gate }) };
}

/** What forbids to issue another credential now, whoever asks for it. */
export function limitOf(
  { driver, liveAtOnce }: Target,
  ledger: Ledger,
  now: Date,
): { readonly reason: 'too-soon' | 'too-many-alive' | 'label-limit'; readonly until: Date } | undefined {
  const needed = driver === 'secrets-manager' ? LABELS_NEEDED + 1 : LABELS_NEEDED;
  if (ledger.free < needed) return { reason: 'label-limit', until: NEVER };
  if (ledger.versions.filter(({ credential }) => credential).length >= liveAtOnce)
    return { reason: 'too-many-alive', until: NEVER };
  const rested = lastIssue(ledger, MIN_AGE);
  return rested && rested > now ? { reason: 'too-soon', until: rested } : undefined;
}

function lastIssue({ versions }: Ledger, rest: number): Date | undefined {
  const issues = versions.flatMap(({ credential }) => (credential ? [credential.issuedAt] : []));
  return issues.length > 0 ? plus(latest(...issues), rest) : undefined;
}

/** What somebody requested since then makes it be asked again. */
function askedUntil({ askedAt, requestedAt, compromisedAt }: Partial<Version> = {}): Date | undefined {
  const since = latest(requestedAt ?? ALWAYS, compromisedAt ?? ALWAYS);
  return askedAt && since <= askedAt ? plus(askedAt, ASK_AGAIN) : undefined;
}

/** A changed spec, and a request that came after the failure, clear the back-off. */
export function backoffEnd(target: Target, current: Version | undefined): Date | undefined {
  const { backoff, requestedAt, compromisedAt } = current ?? {};
  if (!backoff || backoff.spec !== target.spec) return undefined;
  const asked = latest(requestedAt ?? ALWAYS, compromisedAt ?? ALWAYS);
  return asked > backoff.at ? undefined : backoff.until;
}

/** After a roll-back nothing is rotated for its age while the version that was left is still alive. */
function rolledBackUntil({ current, versions }: Ledger): Date | undefined {
  return versions.filter(superseded).find(({ rollback }) => rollback && rollback.to === current?.id)?.revokeAfter;
}
