import { superseded, type Version } from '../../ledger/index.ts';
import { DAY, plus } from '../../time.ts';
import { labelsNeeded } from '../limits.ts';
import { wanted } from '../rotation.ts';
import { endOfLife, type Rule } from '../situation.ts';

/** How long a provider's word is checked with the registry before a revocation ends as unproven. */
const PROVE_WITHIN = 3 * DAY;

/**
 * A revocation that cannot be proven, or carried out, must not use up the labels that a rotation
 * needs. It is given up, with an event, three days after the provider confirmed the end, or as soon
 * as there is no room.
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

/** More than a hiccup; if it has expired, only the proof is missing. */
const stuckAt =
  (now: Date) =>
  (version: Version): boolean =>
    (version.revokeBackoff?.failures ?? 0) >= 3 || isOver(version, now);

/**
 * The order in which they are given up. Last come those that are compromised, then those that
 * neither their expiry nor the provider has ended, then those that were superseded lately.
 */
const worth = (version: Version, now: Date): number => {
  const { compromisedAt, revokeBackoff, revokeAfter } = version;
  if (isOver(version, now)) return Number(revokeAfter ?? 0) - 1e15;
  return (
    (compromisedAt ? 2e15 : 0) + (revokeBackoff?.confirmedAt ? 0 : 1e15) + Number(revokeAfter ?? 0)
  );
};
