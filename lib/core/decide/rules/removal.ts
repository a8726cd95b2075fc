import { labelsOf } from '../../ledger/index.ts';
import { plus } from '../../time.ts';
import { DISCARD_AFTER } from '../lease.ts';
import { ALWAYS, NEVER, type Rule } from '../situation.ts';

/** The placeholder's own label, revoke-after, and AWSPREVIOUS if no version has it. */
const LABELS_TO_VACATE = 3;

/**
 * The target left the fleet and is retired: a placeholder replaces its current credential, once no
 * worker that knew the target is left.
 */
export const targetRemoved: Rule = ({ target, ledger: { current, pending, free } }) => {
  if (!target.retired || !current || current.retired || pending) return [];
  const due = {
    action: 'vacate',
    reason: 'target-removed',
    message: 'the target left the fleet: its current credential makes way for a placeholder',
    at: current.removedAt ? plus(current.removedAt, DISCARD_AFTER) : ALWAYS,
    version: current,
  } as const;
  return [free < LABELS_TO_VACATE ? { ...due, at: NEVER, gate: 'label-limit' } : due];
};

/** Every credential of a retired target is dead, and that was not announced yet. */
export const targetRetired: Rule = ({ target, ledger: { current, versions } }) =>
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
