import type { Target } from '../../fleet/index.ts';
import { digest, type Ledger, superseded, type Version } from '../../ledger/index.ts';
import { formatDuration, HOUR, plus } from '../../time.ts';
import { lacksRoom, revokeBackoffEnd } from '../backoff.ts';
import { criticalRotation } from '../rotation.ts';
import {
  ALWAYS,
  type Due,
  earlyEndFrom,
  endOfLife,
  type Rule,
  type Situation,
} from '../situation.ts';

/** Alive, superseded, and without a time of revocation: a person moved AWSCURRENT. */
export const notRetired: Rule = ({ ledger }) =>
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

/** The grace is over. */
export const revocationDue: Rule = (situation) =>
  situation.ledger.versions
    .filter(superseded)
    .filter((version) => !version.disabledAt)
    // unless a critical rotation needs its room
    .filter((version) => !successorUnannounced(situation.ledger, version) || roomNeeded(situation))
    // a compromised credential does not wait until its own promotion is announced
    .filter((version) => !version.pending || version.compromisedAt)
    .flatMap((version) => {
      const end = endOfLife(situation.target, version);
      if (!end) return [];
      const due = { action: 'revoke', reason: 'revocation-due', at: end.at, version } as const;
      if (version.confirmation === 'awaited' && end.at > situation.now)
        return [{ ...due, message: UNCONFIRMED, gate: 'unconfirmed' }];
      return [unlessBackingOff({ ...due, message: messageOf(version, end.by) }, situation)];
    });

const UNCONFIRMED =
  'reported as compromised together with many others: ends early once a person confirms that';

function messageOf({ compromisedAt }: Version, by: 'revocation' | 'expiry'): string {
  if (by === 'expiry') return 'it has expired';
  return compromisedAt ? 'compromised and superseded' : 'its grace is over';
}

/** The due revocations of compromised credentials: they come before most announcements. */
export const compromisedDue: Rule = (situation) =>
  revocationDue(situation).filter(({ version }) => version?.compromisedAt !== undefined);

/**
 * A disabled credential whose soak is over. A compromised credential has no soak, and a critical
 * rotation that needs its room ends the soak.
 */
export const soakOver: Rule = (situation) =>
  situation.ledger.versions.filter(superseded).flatMap((version) => {
    if (!version.disabledAt || (version.pending && !version.compromisedAt)) return [];
    const early = earlyEndFrom(version) !== undefined;
    const outOfRoom = !early && roomNeeded(situation);
    const at =
      early || outOfRoom ? version.disabledAt : plus(version.disabledAt, situation.target.soak);
    const reason = outOfRoom ? 'room-needed' : 'soaked';
    const message = outOfRoom ? 'disabled, and in the way of its successor' : 'soak period over';
    return [unlessBackingOff({ action: 'delete', reason, message, at, version }, situation)];
  });

/** True if live credentials or labels hold back a critical rotation, or made it fail. */
export function roomNeeded(situation: Situation): boolean {
  const { backoff } = situation.ledger.current ?? {};
  const failed = backoff !== undefined && lacksRoom.includes(backoff.code);
  return criticalRotation(situation).some(
    ({ gate, at }) =>
      failed || ((gate === 'too-many-alive' || gate === 'label-limit') && at > situation.now),
  );
}

/** Moves a revocation to the end of its backoff, if its last attempt failed. */
function unlessBackingOff<D extends Due>(
  due: D & { readonly version: Version },
  situation: Situation,
): D {
  const { target, ledger, now } = situation;
  const end = revokeBackoffEnd(target, due.version, {
    reportedAt: ledger.reportedAt,
    roomNeeded: roomNeeded(situation),
  });
  return end && end > now && end > due.at ? { ...due, at: end, gate: 'backing-off' } : due;
}

/** The end of a superseded credential is near: subscribers are warned once. */
export const revocationNear: Rule = ({ target, ledger, now }) =>
  ledger.versions
    .filter(superseded)
    .filter(
      (version) =>
        !version.warned &&
        !version.disabledAt &&
        !earlyEndFrom(version) &&
        !version.discarded &&
        !version.pending,
    )
    .filter((version) => !successorUnannounced(ledger, version))
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

/** The time between the warning and the revocation: half the grace, at most an hour. */
const warningLead = ({ grace }: Target): number => Math.min(grace / 2, HOUR);

/** True if its successor is not announced: consumers cannot know yet that it is about to end. */
const successorUnannounced = ({ unannounced }: Ledger, version: Version): boolean =>
  !earlyEndFrom(version) &&
  unannounced.some(({ candidate }) => candidate?.base === digest(version.id));
