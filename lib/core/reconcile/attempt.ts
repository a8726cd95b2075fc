import type { Due } from '../decide/index.ts';
import { hasCode, type RekeyError } from '../errors.ts';
import { backOff, ours, passedOn, writeDown } from './failure.ts';
import { requester } from './requester.ts';
import type { Run } from './run.ts';
import { transitions } from './transitions.ts';

/**
 * Carries out one transition. Returns an error that starts a backoff, or that is left to the next
 * run; throws any other.
 */
export async function attempt(
  run: Run,
  due: Due,
  correlationId: string,
): Promise<RekeyError | undefined> {
  run.correlationId = requester(run.record.ledger, due) ?? correlationId;
  Object.assign(run.progress, { confirmed: undefined, lost: undefined });
  try {
    const { engine, target } = run;
    const work = () => transitions[due.action](run, due);
    await (engine.traced?.({ target, decision: due, correlationId: run.correlationId }, work) ??
      work());
    return undefined;
  } catch (thrown) {
    const error = ours(thrown);
    if (run.signal.aborted || hasCode(error, ...passedOn)) throw thrown;
    if (error.code === 'events-failed' && run.progress.confirmed) await writeDown(run, due, error);
    if (error.code === 'lost-race' || leavesNoTrace(error)) return error;
    if (hasCode(error, 'admin-refused', 'forbidden')) run.engine.admins.drop(run.target.admin);
    return await noted(run, due, error);
  }
}

/**
 * Records the failure in a label. If it is not about the rotation, or there is no room for the
 * label, the next run tries again.
 */
async function noted(run: Run, due: Due, error: RekeyError): Promise<RekeyError> {
  if (!holdsBack(due) || !run.record.ledger.current) return error;
  try {
    await backOff(run, due, error);
  } catch (thrown) {
    if (!hasCode(thrown, 'label-limit', 'lost-race')) throw thrown;
  }
  return error;
}

/** A rollback is tried until its time is over. Announcements and tidying have no backoff. */
const holdsBack = ({ action, version }: Due): boolean =>
  ['rotate', 'revoke', 'delete'].includes(action) ||
  (action === 'finish' && version?.candidate?.kind === 'rotation');

/** Failures that no label records: the next run tries again. */
export const leavesNoTrace = (error: RekeyError): boolean =>
  hasCode(error, 'events-failed', 'throttled');

/**
 * Checks the current credential at the registry, once nothing else is due. The check is not a step
 * of the run: a failure is observed, and starts no backoff.
 */
export async function checkCurrent(
  run: Run,
  correlationId: string,
): Promise<RekeyError | undefined> {
  const { current } = run.record.snapshot ? run.record.ledger : {};
  if (!current?.credential) return undefined;
  const { engine, target } = run;
  const decision = {
    action: 'check',
    reason: 'cadence',
    message: 'the current credential is checked at the registry',
    at: engine.clock.now(),
    version: current,
  } as const;
  const error = await attempt(run, decision, correlationId);
  engine.observe?.({ target, decision, correlationId, ...(error && { error }) });
  return error;
}
