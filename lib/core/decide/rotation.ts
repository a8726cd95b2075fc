import { createHash } from 'node:crypto';
import type { Target } from '../fleet/target.ts';
import { nextOpening } from '../fleet/window.ts';
import { type Ledger, superseded, type Version } from '../ledger/index.ts';
import { earliest, formatDuration, latest, plus, SECOND } from '../time.ts';
import { backoffEnd, isPaused } from './backoff.ts';
import { endOf } from './lease.ts';
import { MIN_AGE, renewalTime } from './renewal.ts';
import { ALWAYS, type Check, type Due, NEVER, type Reason, type Situation } from './situation.ts';

/** Refusals in a row after which the current credential is taken for dead. */
export const UNHEALTHY = 2;

/**
 * A compromised credential gets its successor at once, but not one after another: Secrets Manager
 * keeps a hundred versions a day.
 */
const BETWEEN_COMPROMISES = MIN_AGE;

/**
 * Labels a rotation attaches: candidate and credential, and revoke-after on the version it
 * supersedes.
 */
const LABELS_NEEDED = 3;

interface Wish {
  readonly reason: Reason;
  readonly message: string;
  readonly at: Date;
  /** Does not wait for the maintenance window, nor after a rollback. */
  readonly urgent: boolean;
}

/** AWSCURRENT is dead, about to be, or has to die: nothing else may come first. */
const pressing: ReadonlySet<Reason> = new Set(['never-issued', 'compromised', 'unhealthy']);

/**
 * The reasons to rotate, most pressing first: the first that is due is acted on. One candidate at a
 * time.
 */
const rotations = (situation: Situation): Due[] =>
  situation.target.retired || situation.ledger.pending
    ? []
    : wishes(situation).map((wish) => gated(wish, situation));

const isPressing = ({ reason }: Due, { ledger: { current }, now }: Situation): boolean =>
  pressing.has(reason) ||
  (current?.credential?.expiresAt !== undefined &&
    current.credential.expiresAt <= plus(now, MIN_AGE));

export const pressingRotation: Check = (situation) =>
  rotations(situation).filter((due) => isPressing(due, situation));

export const rotation: Check = (situation) =>
  rotations(situation).filter((due) => !isPressing(due, situation));

/** The most pressing reason to rotate now, whatever holds it back. */
export const wanted = (situation: Situation): Reason | undefined =>
  wishes(situation).find(({ at }) => at <= situation.now)?.reason;

function wishes({ target, ledger: { current } }: Situation): Wish[] {
  const credential = current?.credential;
  if (!credential) {
    const message = current
      ? 'the current version was not issued by rekey'
      : 'no credential was issued yet';
    return [{ reason: 'never-issued', message, at: ALWAYS, urgent: true }];
  }
  const found: Wish[] = [];
  const { requested, compromisedAt, refused } = current;
  if (compromisedAt) {
    found.push({
      reason: 'compromised',
      message: 'the current credential is compromised',
      at: compromisedAt,
      urgent: true,
    });
  }
  if (requested)
    found.push({
      reason: 'requested',
      message: 'a rotation was requested',
      at: requested.at,
      urgent: true,
    });
  if (refused && refused.times >= UNHEALTHY) {
    const message = 'the registry refuses the current credential';
    found.push({ reason: 'unhealthy', message, at: refused.at, urgent: true });
  }
  if (
    credential.spec !== target.spec ||
    (credential.place !== undefined && credential.place !== target.place)
  ) {
    const message = 'issued for other parameters than the fleet file has now';
    found.push({ reason: 'spec-changed', message, at: ALWAYS, urgent: false });
  }
  const renewal = renewalTime(target, credential);
  if (renewal && credential.expiresAt) {
    const message = `expires at ${credential.expiresAt.toISOString()}`;
    found.push({ reason: 'expiring', message, at: renewal, urgent: true });
  }
  const age = target.interval * (0.9 + 0.1 * phase(target));
  const message = `issued at ${credential.issuedAt.toISOString()}, rotated every ${formatDuration(target.interval)}`;
  found.push({ reason: 'too-old', message, at: plus(credential.issuedAt, age), urgent: false });
  return found;
}

/**
 * From 0 to 1, always the same for a target: spreads a fleet that was issued at once over a tenth
 * of the interval.
 */
export const phase = ({ fleet, name }: Target): number =>
  createHash('sha256').update(`phase/${fleet}/${name}`).digest().readUInt32BE(0) / 2 ** 32;

function gated(wish: Wish, situation: Situation): Due {
  const { target, ledger, now, doubted } = situation;
  const { reason, message, urgent } = wish;
  const due = {
    action: 'rotate',
    reason,
    message,
    ...(ledger.current && { version: ledger.current }),
  } as const;
  let at = wish.at;
  let gate: Reason | undefined;
  const hold = (until: Date | undefined, why: Reason) => {
    if (!until || until <= at || until <= now) return;
    at = until;
    gate = why;
  };
  const { backoff } = ledger.current ?? {};
  const failing = backoffEnd(target, ledger, now);
  const paused = backoff && failing && isPaused(backoff, failing);
  hold(failing, paused ? 'paused' : 'backing-off');
  if (doubted && reason === 'unhealthy') hold(NEVER, 'registry-doubted');
  if (!urgent) hold(rolledBackUntil(ledger), 'rolled-back');
  const limit = limitOf(target, ledger, now, reason);
  // without a known end it is tried: the failure is announced, and backed off from
  if (limit?.until) hold(limit.until, limit.reason);
  if (!urgent && target.window && at < NEVER)
    hold(nextOpening(target.window, latest(at, now)), 'outside-window');
  return { ...due, at, ...(gate && { gate }) };
}

/** What forbids to issue another credential now, and until when if that is known. */
export function limitOf(
  target: Target,
  ledger: Ledger,
  now: Date,
  reason: Reason,
):
  | { readonly reason: 'too-soon' | 'too-many-alive' | 'label-limit'; readonly until?: Date }
  | undefined {
  const room = nextEnd(target, ledger.versions, now);
  if (ledger.free < labelsNeeded(target, ledger)) return { reason: 'label-limit', ...room };
  if (isFull(target, ledger, now))
    return {
      reason: 'too-many-alive',
      ...nextEnd(target, ledger.versions.filter(at(target)), now),
    };
  const rested = restedAt(ledger, reason);
  return rested && rested > now ? { reason: 'too-soon', until: rested } : undefined;
}

/**
 * AWSPREVIOUS counts too where no version has it yet, and AWSPENDING where Secrets Manager is to
 * drive.
 */
export function labelsNeeded({ driver }: Target, { versions, started }: Ledger): number {
  const previous = versions.some((version) => version.previous) ? 0 : 1;
  return LABELS_NEEDED + previous + (driver === 'secrets-manager' && !started ? 1 : 0);
}

/**
 * As many are alive as may be. What a provider has ended, what has expired, and a current
 * credential that the registry refuses take no room: if the provider sees that otherwise, it says
 * so.
 */
const isFull = (target: Target, { versions }: Ledger, now: Date): boolean =>
  versions
    .filter(at(target))
    .filter(
      ({ revokeBackoff, current, refused }) =>
        !revokeBackoff?.confirmedAt && !(current && (refused?.times ?? 0) >= UNHEALTHY),
    )
    .filter(({ credential }) => !credential?.expiresAt || credential.expiresAt > now).length >=
  target.liveAtOnce;

/** Credentials at the place where the target is now. */
const at =
  ({ place }: Target) =>
  ({ credential }: Version): boolean =>
    credential !== undefined && (credential.place ?? place) === place;

/**
 * When one of them ends and makes room; not known of one whose end is failing already, which can
 * take any time.
 */
function nextEnd(
  target: Target,
  versions: readonly Version[],
  now: Date,
): { readonly until?: Date } {
  const ends = versions
    .filter(superseded)
    .filter(({ revokeBackoff }) => !revokeBackoff)
    .flatMap((version) => endOf(target, version) ?? []);
  return ends.length > 0 ? { until: latest(earliest(...ends), plus(now, SECOND)) } : {};
}

/**
 * When another credential may be issued: Secrets Manager drops no version younger than a day. A
 * compromise does not wait for that.
 */
function restedAt({ versions }: Ledger, reason: Reason): Date | undefined {
  const notes = versions.flatMap(({ credential }) => credential ?? []);
  if (notes.length === 0) return undefined;
  const last = notes.reduce((a, b) => (b.issuedAt > a.issuedAt ? b : a));
  if (reason !== 'compromised') return plus(last.issuedAt, MIN_AGE);
  return last.reason === 'compromised' ? plus(last.issuedAt, BETWEEN_COMPROMISES) : undefined;
}

/**
 * After a rollback nothing is rotated for its age while the version that was left is still alive.
 */
function rolledBackUntil({ current, versions }: Ledger): Date | undefined {
  const left = versions
    .filter(superseded)
    .filter(({ rollback }) => rollback && rollback.to === current?.id);
  const ends = left.flatMap(({ revokeAfter }) => revokeAfter ?? []);
  return ends.length > 0 ? latest(...ends) : undefined;
}
