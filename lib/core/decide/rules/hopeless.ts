import { superseded, type Version } from '../../ledger/index.ts';
import { DAY, plus } from '../../time.ts';
import { labelsNeeded } from '../limits.ts';
import { wanted } from '../rotation.ts';
import { endOfLife, type Rule } from '../situation.ts';

/**
 * The time for which rekey tries to prove a confirmed end at the registry, before it announces the
 * revocation as unproven.
 */
const PROVE_WITHIN = 3 * DAY;

/**
 * A revocation that cannot be proven, or carried out, must not use up the labels that a rotation
 * needs. rekey abandons it, with an event, three days after the provider confirmed the end, or as
 * soon as a rotation needs its labels.
 */
export const hopeless: Rule = (situation) => {
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

/**
 * Selects revocations that failed three times, or whose credential has expired and only needs a
 * proof.
 */
const stuckAt =
  (now: Date) =>
  (version: Version): boolean =>
    (version.revokeBackoff?.failures ?? 0) >= 3 || isOver(version, now);

/**
 * The order in which revocations are abandoned, lowest first: expired credentials, then those that
 * the provider confirmed, then the others, then compromised ones; among equals, the earliest end
 * first.
 */
const worth = (version: Version, now: Date): number => {
  const { compromisedAt, revokeBackoff, revokeAfter } = version;
  if (isOver(version, now)) return Number(revokeAfter ?? 0) - 1e15;
  return (
    (compromisedAt ? 2e15 : 0) + (revokeBackoff?.confirmedAt ? 0 : 1e15) + Number(revokeAfter ?? 0)
  );
};
