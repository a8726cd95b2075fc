import type { Target } from '../fleet/index.ts';
import { isRollback, successor } from '../ids/label.ts';
import {
  digest,
  LABEL_LIMIT,
  type Ledger,
  labelsOf,
  settled,
  superseded,
  type Version,
} from '../ledger/index.ts';
import { DAY, formatDuration, HOUR, latest, MINUTE, plus } from '../time.ts';
import { backoffEnd, revokeBackoffEnd } from './backoff.ts';
import { DISCARD_AFTER, discardableFrom, leaseEnd } from './lease.ts';
import { labelsNeeded } from './limits.ts';
import { UNHEALTHY } from './reasons.ts';
import { pressingRotation, rotation, wanted } from './rotation.ts';
import {
  ALWAYS,
  type Check,
  type Due,
  endOfLife,
  NEVER,
  pressedSince,
  type Situation,
} from './situation.ts';

/** Promoted, and nobody was told: the label of a candidate is still on it. */
const unannounced: Check = ({ ledger }) =>
  ledger.unannounced.map((version) => ({
    action: 'announce',
    reason: 'unannounced',
    message: 'promoted, not yet announced',
    at: ALWAYS,
    version,
  }));

/** A failure, or an end, that the event bus did not take. */
const untold: Check = ({ ledger }) =>
  ledger.versions
    .filter(
      ({ backoff, revokeBackoff, disabledUntold, credential, reported }) =>
        backoff?.untold ||
        (credential && (revokeBackoff?.untold || disabledUntold)) ||
        reported?.confirmation === 'awaited-untold',
    )
    .map((version) => ({
      action: 'report',
      reason: 'unannounced',
      message: 'what happened was not announced',
      at: ALWAYS,
      version,
    }));

/** The current credential is marked as disabled: somebody disabled it while it became current. */
const currentDisabled: Check = ({ target, ledger: { current } }) =>
  current?.credential && current.disabledAt && !target.retired
    ? [
        {
          action: 'enable',
          reason: 'current-disabled',
          message: 'the current credential was disabled',
          at: ALWAYS,
          version: current,
        },
      ]
    : [];

/**
 * A candidate that a worker left: finished while it is fresh, discarded once nobody can be
 * promoting it any more.
 */
const halfDone: Check = ({ target, ledger, now }) => {
  const { pending } = ledger;
  if (!pending) return [];
  const due = (action: 'finish' | 'discard', at: Date) =>
    ({
      action,
      reason: action === 'finish' ? 'half-done' : 'stale-candidate',
      message: candidateMessages[action],
      at,
      version: pending,
    }) as const;
  const discard = due('discard', discardableFrom(pending, now));
  if (target.retired || now >= leaseEnd(pending)) return [discard];
  // a rollback does not wait for what held up a rotation
  const held = pending.candidate?.kind === 'rotation' ? backoffEnd(target, ledger, now) : undefined;
  if (!held || held <= now) return [due('finish', ALWAYS), discard];
  return [{ ...due('finish', held), gate: 'backing-off' }, discard];
};

const candidateMessages = {
  finish: 'a candidate waits to be proven',
  discard: 'a candidate was not proven in time',
} as const;

/**
 * Candidates that another version overtook, or that are compromised. Those for a rollback are given
 * up at once.
 */
const strayCandidates: Check = ({ ledger, now }) =>
  ledger.strays.map((version) => ({
    action: 'discard',
    reason: 'stale-candidate',
    message: version.compromisedAt ? 'a candidate is compromised' : 'a candidate was overtaken',
    at:
      version.compromisedAt || version.candidate?.kind === 'rollback'
        ? ALWAYS
        : discardableFrom(version, now),
    version,
  }));

/**
 * Alive, neither current nor a candidate, and without a time of revocation: somebody else moved
 * AWSCURRENT.
 */
const notRetired: Check = ({ ledger }) =>
  ledger.versions
    .filter(superseded)
    .filter(({ revokeAfter }) => !revokeAfter)
    .map((version) => ({
      action: 'retire',
      reason: 'not-retired',
      message: 'superseded by hand',
      at: ALWAYS,
      version,
    }));

/** Somebody wants the previous credential back. */
const rollbackRequested: Check = ({ target, ledger: { current, pending } }) =>
  current?.rollback && pending?.candidate?.kind !== 'rollback' && !target.retired
    ? [
        {
          action: 'rollback',
          reason: 'rollback-requested',
          message: 'a rollback was requested',
          at: current.rollback.at,
          version: current,
        },
      ]
    : [];

/** A rollback was requested from a version that was superseded by something else meanwhile. */
const rollbackOvertaken: Check = ({ ledger }) =>
  ledger.versions
    .filter((version) => !version.current && version.rollback && !wasRolledBack(version))
    .map((version) => ({
      action: 'rollback',
      reason: 'rollback-overtaken',
      message: 'a rollback was requested, and another version became current first',
      at: ALWAYS,
      version,
    }));

/** The rollback from this version happened: one retired it. */
export const wasRolledBack = ({ retirement }: Version): boolean =>
  isRollback(retirement?.promotion ?? '');

/**
 * Of a retired target the current credential makes way for a placeholder, once no worker that knew
 * the target is left.
 */
const targetRemoved: Check = ({ target, ledger: { current, pending, free } }) => {
  if (!target.retired || !current || current.retired || pending) return [];
  const message = 'the target left the fleet: its current credential makes way for a placeholder';
  const at = current.removedAt ? plus(current.removedAt, DISCARD_AFTER) : ALWAYS;
  const due = {
    action: 'retire',
    reason: 'target-removed',
    message,
    at,
    version: current,
  } as const;
  return [free < LABELS_TO_RETIRE ? { ...due, at: NEVER, gate: 'label-limit' } : due];
};

/** The placeholder's own label, revoke-after, and AWSPREVIOUS where no version had it. */
const LABELS_TO_RETIRE = 3;

/** Of a retired target nothing is alive any more, and nobody was told. */
const retirementOver: Check = ({ target, ledger: { current, versions } }) =>
  target.retired &&
  current?.retired &&
  labelsOf(current, 'removed').length === 0 &&
  !versions.some(({ credential }) => credential)
    ? [
        {
          action: 'announce',
          reason: 'target-removed',
          message: 'all its credentials are dead',
          at: ALWAYS,
          version: current,
        },
      ]
    : [];

/** The registry refused the current credential once: it is asked again before that is believed. */
const refusedOnce: Check = ({ target, ledger: { current, pending } }) =>
  current?.credential &&
  current.refused &&
  current.refused.times < UNHEALTHY &&
  !pending &&
  !target.retired
    ? [
        {
          action: 'check',
          reason: 'refused-once',
          message: 'the registry refused the current credential once',
          at: plus(current.refused.at, ASK_AGAIN),
          version: current,
        },
      ]
    : [];

/** How long after a refusal the registry is asked again. */
export const ASK_AGAIN = 5 * MINUTE;

/**
 * A version whose successor is not announced: whoever uses it cannot know that it is about to end.
 */
const successorUntold = ({ unannounced }: Ledger, version: Version): boolean =>
  !pressedSince(version) &&
  unannounced.some(({ candidate }) => candidate?.base === digest(version.id));

/** The grace is over. */
const revocationDue: Check = (situation) =>
  situation.ledger.versions
    .filter(superseded)
    .filter((version) => !version.disabledAt)
    // but for a successor that cannot wait for its room
    .filter((version) => !successorUntold(situation.ledger, version) || roomNeeded(situation))
    // what is compromised does not wait until its own promotion is announced
    .filter((version) => !version.pending || version.compromisedAt)
    .flatMap((version) => {
      const end = endOfLife(situation.target, version);
      if (!end) return [];
      const due = { action: 'revoke', reason: 'revocation-due', at: end.at, version } as const;
      if (version.confirmation === 'awaited' && end.at > situation.now)
        return [{ ...due, message: UNCONFIRMED, gate: 'unconfirmed' }];
      const message =
        end.by === 'expiry'
          ? 'it has expired'
          : version.compromisedAt
            ? 'compromised and superseded'
            : 'its grace is over';
      return [held({ ...due, message }, situation)];
    });

const UNCONFIRMED =
  'reported as compromised together with many others: ends early once somebody confirms that';

/** Compromised ones end before anybody is told of anything else. */
const compromisedDue: Check = (situation) =>
  revocationDue(situation).filter(({ version }) => version?.compromisedAt !== undefined);

/**
 * Disabled, and the soak is over; what is compromised, or in the way of a successor that cannot
 * wait, has none.
 */
const soaked: Check = (situation) =>
  situation.ledger.versions.filter(superseded).flatMap((version) => {
    if (!version.disabledAt || (version.pending && !version.compromisedAt)) return [];
    const pressed = pressedSince(version) !== undefined;
    const crowdedOut = !pressed && roomNeeded(situation);
    const at =
      pressed || crowdedOut ? version.disabledAt : plus(version.disabledAt, situation.target.soak);
    const reason = crowdedOut ? 'room-needed' : 'soaked';
    const message = crowdedOut ? 'disabled, and in the way of its successor' : 'soak period over';
    return [held({ action: 'delete', reason, message, at, version }, situation)];
  });

const roomNeeded = (situation: Situation): boolean =>
  pressingRotation(situation).some(
    ({ gate, at }) => (gate === 'too-many-alive' || gate === 'label-limit') && at > situation.now,
  );

/** How long a provider's word is checked with the registry before a revocation ends as unproven. */
export const PROVE_WITHIN = 3 * DAY;

/**
 * A revocation that cannot be proven, or carried out, must not use up the labels that a rotation
 * needs: after three days of an end that the provider confirmed, or as soon as there is no room, it
 * is given up, with an event.
 */
const hopeless: Check = (situation) => {
  const { target, ledger, now } = situation;
  const failing = ledger.versions
    .filter(superseded)
    .filter(({ revokeBackoff, pending }) => revokeBackoff && !pending);
  const inTheWay =
    wanted(situation) && !ledger.pending && ledger.free < labelsNeeded(target, ledger);
  const [first] = inTheWay
    ? failing.filter(stuckAt(now)).sort((a, b) => worth(a, now) - worth(b, now))
    : [];
  return failing.flatMap((version) => {
    const { confirmedAt, code } = version.revokeBackoff ?? {};
    const since =
      confirmedAt ?? (code === 'out-of-reach' ? endOfLife(target, version)?.at : undefined);
    const at = version === first ? now : since && plus(since, PROVE_WITHIN);
    if (!at) return [];
    const message = confirmedAt ? 'its end could not be proven' : 'it could not be revoked';
    return [{ action: 'abandon', reason: 'unproven', message, at, version } as const];
  });
};

const isOver = ({ credential }: Version, now: Date): boolean =>
  credential?.expiresAt !== undefined && credential.expiresAt <= now;

/** More than a hiccup; of what has expired only the proof is missing. */
const stuckAt =
  (now: Date) =>
  (version: Version): boolean =>
    (version.revokeBackoff?.failures ?? 0) >= 3 || isOver(version, now);

/**
 * What is given up last: what is compromised, what neither its expiry nor the provider has ended,
 * what was superseded lately.
 */
const worth = (version: Version, now: Date): number => {
  const { compromisedAt, revokeBackoff, revokeAfter } = version;
  if (isOver(version, now)) return Number(revokeAfter ?? 0) - 1e15;
  return (
    (compromisedAt ? 2e15 : 0) + (revokeBackoff?.confirmedAt ? 0 : 1e15) + Number(revokeAfter ?? 0)
  );
};

/** Ahead of a revocation, whoever still uses the credential is told once. */
const revocationNear: Check = ({ target, ledger, now }) =>
  ledger.versions
    .filter(superseded)
    .filter(
      (version) =>
        !version.warned &&
        !version.disabledAt &&
        !pressedSince(version) &&
        !version.discarded &&
        !version.pending,
    )
    .filter((version) => !successorUntold(ledger, version))
    .flatMap((version) => {
      const end = endOfLife(target, version);
      if (!end || end.at <= now) return [];
      const lead = warningLead(target);
      return [
        {
          action: 'warn',
          reason: 'revocation-near',
          message: `will be revoked in ${formatDuration(lead)}`,
          at: plus(end.at, -lead),
          version,
        },
      ];
    });

/** How long before a revocation it is announced: half the grace, at most an hour. */
export const warningLead = ({ grace }: Target): number => Math.min(grace / 2, HOUR);

/** The labels of a dead version are kept for a day, for the on-call to see. */
const untidy: Check = ({ ledger }) =>
  settledVersions(ledger)
    .filter(({ credential }) => !credential)
    .map((version) => {
      const kept = plus(latest(version.revokeAfter ?? ALWAYS, version.used?.at ?? ALWAYS), DAY);
      return {
        action: 'forget',
        reason: 'untidy',
        message: 'dead, its labels are taken off',
        at: kept,
        version,
      };
    });

/** What an earlier life left on the version that is current. */
const outlived: Check = ({ ledger: { current, pending }, target }) =>
  current && !current.pending && !pending && !target.retired && outlivedLabels(current).length > 0
    ? [
        {
          action: 'forget',
          reason: 'untidy',
          message: 'labels of an earlier life are taken off',
          at: ALWAYS,
          version: current,
        },
      ]
    : [];

/**
 * Labels on the current version that belong to an earlier life of it, or to the time before its
 * target left the fleet; the retirement last.
 */
export function outlivedLabels(current: Version): readonly string[] {
  const stale = (['requested', 'rollback', 'refused', 'backoff'] as const).filter(
    (kind) => !current[kind],
  );
  const ended =
    labelsOf(current, 'revoke-after').length > 0
      ? [...labelsOf(current, ...stale, 'warned'), ...labelsOf(current, 'revoke-after')]
      : [];
  return [...ended, ...(current.retired ? [] : labelsOf(current, 'removed'))];
}

/** Settled labels give way as soon as there is little room. */
const crowded: Check = ({ ledger }) =>
  ledger.free >= LABEL_LIMIT / 2
    ? []
    : settledVersions(ledger).map((version) => ({
        action: 'forget',
        reason: 'untidy',
        message: 'settled labels are in the way',
        at: ALWAYS,
        version,
      }));

/** The one that says how many attempts to supersede the current version are used up is left out. */
function settledVersions(ledger: Ledger): readonly Version[] {
  const { arn, current, versions } = ledger;
  const attempts = versions.filter(
    ({ id, used }) => used && current && id === successor(arn, current.id, used.attempt),
  );
  const last = Math.max(...attempts.map(({ used }) => used?.attempt ?? 0));
  return versions.filter(
    (version) =>
      settled(ledger, version).length > 0 &&
      !(attempts.includes(version) && version.used?.attempt === last),
  );
}

function held<D extends Due>(
  due: D & { readonly version: Version },
  { target, ledger, now }: Situation,
): D {
  const end = revokeBackoffEnd(target, due.version, ledger.reportedAt);
  return end && end > now && end > due.at ? { ...due, at: end, gate: 'backing-off' } : due;
}

/**
 * The policy, in the order of worth: AWSCURRENT alive, the compromised dead, announced, superseded
 * ones ended, tidy.
 */
export const checks: readonly Check[] = [
  crowded, // room for whatever comes next
  currentDisabled,
  notRetired, // nothing alive without a time of revocation
  rollbackRequested, // the way back comes before the way forward
  halfDone, // one candidate at a time
  hopeless,
  pressingRotation,
  // it stands in front of nothing: what the event bus does not take is tried again later
  unannounced,
  compromisedDue,
  untold,
  rollbackOvertaken,
  strayCandidates,
  outlived,
  targetRemoved,
  refusedOnce,
  rotation,
  revocationDue,
  soaked,
  revocationNear,
  untidy,
  retirementOver,
];
