import { backoffEnd } from '../backoff.ts';
import { discardableFrom, leaseEnd } from '../lease.ts';
import { ALWAYS, type Rule } from '../situation.ts';

/**
 * A candidate that a worker left unfinished. It is finished while it is fresh, and discarded once
 * no worker can promote it.
 */
export const halfDone: Rule = ({ target, ledger, now }) => {
  const { pending } = ledger;
  if (!pending) return [];
  const discard = {
    action: 'discard',
    reason: 'stale-candidate',
    message: 'a candidate was not proven in time',
    at: discardableFrom(pending, now),
    version: pending,
  } as const;
  if (target.retired || now >= leaseEnd(pending)) return [discard];
  const finish = {
    action: 'finish',
    reason: 'half-done',
    message: 'a candidate waits to be proven',
    at: ALWAYS,
    version: pending,
  } as const;
  // a rollback does not wait for the backoff of a rotation
  const retryAt =
    pending.candidate?.kind === 'rotation' ? backoffEnd(target, ledger, now) : undefined;
  if (!retryAt || retryAt <= now) return [finish, discard];
  return [{ ...finish, at: retryAt, gate: 'backing-off' }, discard];
};

/**
 * Candidates that another version overtook, or that are compromised. A candidate for a rollback is
 * discarded at once.
 */
export const strayCandidates: Rule = ({ ledger, now }) =>
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
