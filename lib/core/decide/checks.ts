import type { Target } from '../fleet/index.ts';
import { successors } from '../label.ts';
import { LABEL_LIMIT, type Ledger, labelsOf, settled, superseded, type Version } from '../ledger.ts';
import { DAY, formatDuration, HOUR, latest, MINUTE, plus } from '../time.ts';
import { DISCARD_AFTER, leaseEnd, leaseStart } from './lease.ts';
import { rotation, UNHEALTHY } from './rotation.ts';
import { ALWAYS, type Check, NEVER, revocationTime } from './situation.ts';

/** Promoted, and nobody was told: AWSCURRENT and AWSPENDING on one version. */
const unannounced: Check = ({ ledger: { current } }) =>
  current?.pending && current.credential
    ? [{ action: 'announce', reason: 'unannounced', message: 'promoted, not yet announced', at: ALWAYS, version: current }]
    : [];

/** A candidate that a worker left: finished while it is fresh, discarded once nobody can be promoting it any more. */
const halfDone: Check = ({ target, ledger, now }) => {
  const { pending, current } = ledger;
  if (!pending || pending.current) return [];
  const discardAt = plus(leaseStart(ledger, pending), DISCARD_AFTER);
  const discard = {
    action: 'discard',
    reason: 'stale-candidate',
    message: 'a candidate was not proven in time',
    at: discardAt,
    version: pending,
  } as const;
  if (target.retired || now >= leaseEnd(ledger, pending)) return [discard];
  const { backoff } = current ?? {};
  const held = backoff && backoff.spec === target.spec && backoff.until > now ? backoff.until : undefined;
  const finish = {
    action: 'finish',
    reason: 'half-done',
    message: 'a candidate waits to be proven',
    at: held ?? ALWAYS,
    version: pending,
  } as const;
  return [held ? { ...finish, gate: 'backing-off' } : finish, discard];
};

/** Alive, neither current nor pending, and without a time of revocation: somebody else moved AWSCURRENT. */
const notRetired: Check = ({ ledger }) =>
  ledger.versions
    .filter(superseded)
    .filter(({ revokeAfter }) => !revokeAfter)
    .map((version) => ({ action: 'retire', reason: 'not-retired', message: 'superseded by hand', at: ALWAYS, version }));

/** Somebody wants the one before back. */
const rollbackRequested: Check = ({ target, ledger: { current, pending } }) =>
  current?.rollback && !pending && !target.retired
    ? [
        {
          action: 'rollback',
          reason: 'rollback-requested',
          message: 'a roll-back was requested',
          at: current.rollback.at,
          version: current,
        },
      ]
    : [];

/** Of a retired target the current credential makes way for a placeholder, once no worker that knew the target is left. */
const targetRemoved: Check = ({ target, ledger: { current, pending, free } }) => {
  if (!target.retired || !current || current.retired || pending) return [];
  const message = 'the target left the fleet: its current credential makes way for a placeholder';
  const at = current.removedAt ? plus(current.removedAt, DISCARD_AFTER) : ALWAYS;
  const due = { action: 'retire', reason: 'target-removed', message, at, version: current } as const;
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
    ? [{ action: 'announce', reason: 'target-removed', message: 'all its credentials are dead', at: ALWAYS, version: current }]
    : [];

/** The registry refused the current credential once: it is asked again before that is believed. */
const refusedOnce: Check = ({ target, ledger: { current, pending } }) =>
  current?.credential && current.refused && current.refused.times < UNHEALTHY && !pending && !target.retired
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

/** The grace is over. */
const revocationDue: Check = ({ target, ledger, now }) =>
  ledger.versions
    .filter(superseded)
    .filter(({ disabledAt }) => !disabledAt)
    .flatMap((version) => {
      const at = revocationTime(target, version);
      if (!at) return [];
      const message = !target.revocable
        ? 'it has expired'
        : version.compromisedAt
          ? 'compromised and superseded'
          : 'its grace is over';
      return [held({ action: 'revoke', reason: 'revocation-due', message, at, version }, version, now)];
    });

/** Disabled, and the soak is over. */
const soaked: Check = ({ target, ledger, now }) =>
  ledger.versions.filter(superseded).flatMap((version) => {
    if (!version.disabledAt) return [];
    const at = plus(version.disabledAt, target.soak);
    return [held({ action: 'delete', reason: 'soaked', message: 'disabled, and not missed', at, version }, version, now)];
  });

/** Ahead of a revocation, whoever still uses the credential is told once. */
const revocationNear: Check = ({ target, ledger, now }) =>
  ledger.versions
    .filter(superseded)
    .filter(({ warned, disabledAt, compromisedAt }) => !warned && !disabledAt && !compromisedAt)
    .flatMap((version) => {
      const revocation = revocationTime(target, version);
      if (!revocation || revocation <= now) return [];
      const lead = warningLead(target);
      return [
        {
          action: 'warn',
          reason: 'revocation-near',
          message: `its end is ${formatDuration(lead)} away`,
          at: plus(revocation, -lead),
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
      const kept = plus(latest(version.revokeAfter ?? ALWAYS, version.burnt ?? ALWAYS), DAY);
      return { action: 'forget', reason: 'untidy', message: 'dead, its labels are taken off', at: kept, version };
    });

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

/** Those of attempts still to come are left out: their labels say which ids are used up. */
function settledVersions({ arn, current, versions }: Ledger): readonly Version[] {
  const attempts = successors(arn, current?.id ?? '', current?.backoff?.failures);
  return versions.filter((version) => settled(version).length > 0 && !attempts.has(version.id));
}

function held<D extends { readonly at: Date }>(
  due: D,
  { revokeBackoff: backoff }: Version,
  now: Date,
): D & { gate?: 'backing-off' } {
  return backoff && backoff.until > now && backoff.until > due.at ? { ...due, at: backoff.until, gate: 'backing-off' } : due;
}

/** The policy, in the order it is acted on. */
export const checks: readonly Check[] = [
  crowded, // room for whatever comes next
  unannounced, // whoever reads the events must learn what is current before anything else happens
  rollbackRequested, // the way back comes before the way forward
  halfDone, // one candidate at a time
  notRetired, // nothing alive without a time of revocation
  targetRemoved,
  refusedOnce,
  rotation,
  revocationDue,
  soaked,
  revocationNear,
  untidy,
  retirementOver,
];
