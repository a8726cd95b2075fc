import { pressedSince } from '../decide/index.ts';
import { type ErrorCode, hasCode, RekeyError } from '../errors.ts';
import { digest, labelsOf, type Version } from '../ledger/index.ts';
import { parseValue } from '../ledger/value.ts';
import type { Login } from '../login.ts';
import { plus, stamp } from '../time.ts';
import { announceAll } from './announce.ts';
import { moveCurrent, type Promotable } from './move.ts';
import { proveAccepted } from './prove.ts';
import { PROMOTION_BOUND, retireVersion } from './retire.ts';
import { giveUp, tellRestored } from './rollback.ts';
import { at, now, providerCall, type Run, subject, type Transition } from './run.ts';

/** A candidate that another run, or a rollback, left. */
export const finish: Transition = async (run, due) => {
  const { record } = run;
  const candidate = subject(due);
  const login = await candidateLogin(run, candidate);
  const ending =
    candidate.disabledAt || (candidate.revokeAfter && candidate.revokeAfter <= now(run));
  if (ending && candidate.candidate?.kind === 'rollback') {
    // it may be disabled although nothing says so: a worker may have died in between. What is
    // enabled is never called disabled
    for (const label of labelsOf(candidate, 'disabled')) await record.remove(label, candidate.id);
    await enableAgain(run, candidate);
    // once more when the rollback is given up: the event bus must not stand in front of it
    await tellRestored(run, candidate, candidate.candidate.promotion).catch(
      unless('events-failed'),
    );
  }
  try {
    await promote(run, candidate, login);
  } catch (error) {
    const base = record.ledger.versions.find(({ id }) => digest(id) === candidate.candidate?.base);
    // the registry has spoken: there is nothing to wait for
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

/** The current credential is marked as disabled: it is enabled, and then the mark taken off. */
export const enable: Transition = async (run, due) => {
  const current = subject(due);
  run.progress.stage = 'promote';
  await enableAgain(run, current);
  await tellRestored(run, current, stamp(current.disabledAt ?? now(run)));
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

/** Passes an error on, but for these. */
const unless =
  (...codes: readonly ErrorCode[]) =>
  (error: unknown): void => {
    if (!hasCode(error, ...codes)) throw error;
  };

export async function candidateLogin(run: Run, { id }: Pick<Version, 'id'>): Promise<Login> {
  run.progress.stage = 'verify';
  const value = await run.record.read(id);
  const login = value && parseValue(value);
  if (!login)
    throw new RekeyError(
      'secret-unreadable',
      `the candidate in ${run.record.name} has no value that rekey wrote`,
    );
  return login;
}

/**
 * Proves the candidate, looks at the secret again, retires the current version, makes the candidate
 * current, and announces it. A candidate supersedes the version that it names and no other: what
 * happened while it was proven (a rollback, a report, another promotion) is seen, and decides.
 */
export async function promote(run: Run, wanted: Promotable, login: Login): Promise<void> {
  const { record } = run;
  await proveAccepted(run, login);
  run.progress.stage = 'promote';
  const { current, candidate, retired } = await moveCurrent(run, wanted);
  // only if the promotion took longer than it is given
  const superseded = record.ledger.versions.find((one) => one.id === current.id);
  if (superseded && retired && !pressedSince(current) && now(run) > plus(retired, PROMOTION_BOUND))
    await retireVersion(run, superseded, candidate.promotion);
  // what could not be announced is next, and stands in front of nothing
  await announceAll(run).catch(unless('events-failed', 'replicas-behind'));
}
