import { MIN_INTERVAL, type Target } from '../fleet/target.ts';
import { type Ledger, superseded, type Version } from '../ledger/index.ts';
import { earliest, latest, plus, SECOND } from '../time.ts';
import { endOf } from './lease.ts';
import { UNHEALTHY } from './reasons.ts';
import type { Reason } from './situation.ts';

/** The reason why no other credential may be issued now. */
interface LimitReached {
  readonly reason: 'too-soon' | 'too-many-alive' | 'label-limit';
  /** The end of the limit, if that is known. */
  readonly until?: Date;
}

interface Question {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly now: Date;
  /** The reason to issue a credential. */
  readonly reason: Reason;
}

type Limit = (question: Question) => LimitReached | undefined;

const labelLimit: Limit = ({ target, ledger, now }) =>
  ledger.free < labelsNeeded(target, ledger)
    ? { reason: 'label-limit', ...nextEnd(target, ledger.versions, now) }
    : undefined;

/**
 * A credential takes no room if the provider has ended it, if it has expired, or if it is current
 * and the registry refuses it. A provider that still counts one of these refuses the next one.
 */
const tooManyAlive: Limit = ({ target, ledger: { versions }, now }) => {
  const here = versions.filter(livesAt(target));
  const alive = here
    .filter(
      ({ revokeBackoff, current, refused }) =>
        !revokeBackoff?.confirmedAt && !(current && (refused?.times ?? 0) >= UNHEALTHY),
    )
    .filter(({ credential }) => !credential?.expiresAt || credential.expiresAt > now);
  if (alive.length < target.liveAtOnce) return undefined;
  return { reason: 'too-many-alive', ...nextEnd(target, here, now) };
};

/**
 * Secrets Manager drops no version younger than a day, so a target waits after each. A compromised
 * credential gets its successor at once, unless the last was issued for a compromise too.
 */
const tooSoon: Limit = ({ ledger: { versions }, now, reason }) => {
  const notes = versions.flatMap(({ credential }) => credential ?? []);
  if (notes.length === 0) return undefined;
  const last = notes.reduce((a, b) => (b.issuedAt > a.issuedAt ? b : a));
  if (reason === 'compromised' && last.reason !== 'compromised') return undefined;
  const until = plus(last.issuedAt, MIN_INTERVAL);
  return until > now ? { reason: 'too-soon', until } : undefined;
};

/** The limits to issuing another credential; the first that is reached counts. */
export const limits: readonly Limit[] = [
  labelLimit, // Secrets Manager's quota of staging labels
  tooManyAlive, // what the provider allows
  tooSoon, // Secrets Manager's quota of versions
];

/** The limit that forbids to issue another credential now, and its end if that is known. */
export function limitOf(
  target: Target,
  ledger: Ledger,
  now: Date,
  reason: Reason,
): LimitReached | undefined {
  for (const limit of limits) {
    const reached = limit({ target, ledger, now, reason });
    if (reached) return reached;
  }
  return undefined;
}

/**
 * Labels a rotation attaches: candidate and credential, and revoke-after on the version it
 * supersedes.
 */
const LABELS_NEEDED = 3;

/**
 * The number of free labels that a rotation needs. AWSPREVIOUS counts too if no version has it yet,
 * and AWSPENDING if Secrets Manager drives the rotation.
 */
export function labelsNeeded({ driver }: Target, { versions, started }: Ledger): number {
  const previous = versions.some((version) => version.previous) ? 0 : 1;
  return LABELS_NEEDED + previous + (driver === 'secrets-manager' && !started ? 1 : 0);
}

/** Credentials at the place where the target is now. */
const livesAt =
  ({ place }: Target) =>
  ({ credential }: Version): boolean =>
    credential !== undefined && (credential.place ?? place) === place;

/**
 * The time at which one of the versions ends and makes room. A version whose revocation fails is
 * left out, because its end is unknown.
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
