import { hasCode, RekeyError } from '../errors.ts';
import { baseOf, labelsOf, type Version } from '../ledger/index.ts';
import { parseValue } from '../ledger/value.ts';
import type { Login } from '../login.ts';
import { stamp } from '../time.ts';
import { providerCall } from './call.ts';
import { taken } from './publish.ts';
import { announceDisabledLate } from './revoke.ts';
import { announceRestored, giveUp } from './rollback.ts';
import { promote } from './rotate.ts';
import { at, now, type Run, subject, type Transition } from './run.ts';
import { during } from './stage.ts';

/** Promotes a candidate that another run, or a rollback, left behind. */
export const finish: Transition = async (run, due) => {
  const { record } = run;
  const candidate = subject(due);
  const login = await candidateLogin(run, candidate);
  const ending =
    candidate.disabledAt || (candidate.revokeAfter && candidate.revokeAfter <= now(run));
  if (ending && candidate.candidate?.kind === 'rollback') {
    // its end, if that is not announced yet: the label that says so is removed next
    const announced = await taken(announceDisabledLate(run, candidate));
    // it may be disabled without a label, if a worker died in between; and a label must never call
    // an enabled credential disabled
    for (const label of labelsOf(candidate, 'disabled')) await record.remove(label, candidate.id);
    await enableAgain(run, candidate);
    // published again if the rollback is given up: the event bus must not block it
    if (announced) await taken(announceRestored(run, candidate, candidate.candidate.promotion));
  }
  try {
    await promote(run, candidate, login);
  } catch (error) {
    const base = baseOf(record.ledger, candidate.candidate);
    // the registry refused it: waiting does not help
    if (
      candidate.candidate?.kind === 'rollback' &&
      base &&
      error instanceof RekeyError &&
      hasCode(error, 'refused', 'lacks-rights')
    )
      await giveUp(run, base, candidate, error.code);
    throw error;
  }
};

/** Enables a current credential that is marked as disabled, then removes the mark. */
export const enable: Transition = async (run, due) => {
  const current = subject(due);
  await enableAgain(run, current);
  await announceDisabledLate(run, current);
  await announceRestored(run, current, stamp(current.disabledAt ?? now(run)));
  for (const label of labelsOf(current, 'disabled')) await run.record.remove(label, current.id);
};

async function enableAgain(run: Run, { id, credential }: Version): Promise<void> {
  const there = at(run, { credential });
  if (!credential || !there.provider.enable) return;
  const value = await run.record.read(id);
  await there.provider.enable(
    await providerCall(there),
    { ...(value && parseValue(value)), id: credential.id },
    true,
  );
}

/** The login of a candidate. Throws `secret-unreadable` for a value that rekey did not write. */
export const candidateLogin = ({ record }: Run, { id }: Pick<Version, 'id'>): Promise<Login> =>
  during('verify', async () => {
    const value = await record.read(id);
    const login = value && parseValue(value);
    if (!login)
      throw new RekeyError(
        'secret-unreadable',
        `the candidate in ${record.name} has no value that rekey wrote`,
      );
    return login;
  });
