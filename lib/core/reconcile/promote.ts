import { discardableFrom, leaseEnd, pressedSince } from '../decide/index.ts';
import { type ErrorCode, hasCode, RekeyError } from '../errors.ts';
import { type CandidateNote, digest, labels, labelsOf, rolledBackAt, type Version } from '../ledger.ts';
import type { Credential } from '../ports.ts';
import { ceilSecond, earliest, plus, SECOND, stamp } from '../time.ts';
import { parseValue } from '../value.ts';
import { announceAll } from './announce.ts';
import { unretire } from './candidacy.ts';
import { proveAccepted } from './prove.ts';
import { giveUp, tellRestored } from './rollback.ts';
import { at, now, providerCall, type Run, subject, type Transition } from './run.ts';
import { vacate } from './vacate.ts';

/** Added to the grace: the time the promotion itself may take, since the grace counts from it. */
const PROMOTION_BOUND = 5 * SECOND;

/** A candidate that another run, or a rollback, left. */
export const finish: Transition = async (run, due) => {
  const { record } = run;
  const candidate = subject(due);
  const login = await candidateLogin(run, candidate);
  const ending = candidate.disabledAt || (candidate.revokeAfter && candidate.revokeAfter <= now(run));
  if (ending && candidate.candidate?.kind === 'rollback') {
    // it may be disabled although nothing says so: a worker may have died in between. What is enabled is never called disabled
    for (const label of labelsOf(candidate, 'disabled')) await record.remove(label, candidate.id);
    await enableAgain(run, candidate);
    // once more when the rollback is given up: the event bus must not stand in front of it
    await tellRestored(run, candidate, candidate.candidate.promotion).catch(unless('events-failed'));
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
  await there.provider.enable(await providerCall(there), { ...(value && parseValue(value)), id: credential.id }, true);
}

/** Passes an error on, but for these. */
const unless =
  (...codes: readonly ErrorCode[]) =>
  (error: unknown): void => {
    if (!hasCode(error, ...codes)) throw error;
  };

export async function candidateLogin(run: Run, { id }: Pick<Version, 'id'>): Promise<Omit<Credential, 'id'>> {
  run.progress.stage = 'verify';
  const value = await run.record.read(id);
  const login = value && parseValue(value);
  if (!login) throw new RekeyError('secret-unreadable', `the candidate in ${run.record.name} has no value that rekey wrote`);
  return login;
}

/**
 * Proves the candidate, looks at the secret again, retires the current version, makes the candidate current, and announces it. A candidate
 * supersedes the version that it names and no other: what happened while it was proven (a rollback, a report, another promotion) is seen,
 * and decides.
 */
export async function promote(run: Run, wanted: Promotable, login: Omit<Credential, 'id'>): Promise<void> {
  const { record } = run;
  await proveAccepted(run, login);
  run.progress.stage = 'promote';
  const looked = now(run);
  await record.refresh();
  const { current, candidate } = promotable(run, wanted);
  const retired = await retireVersion(run, current, candidate.promotion);
  await record.move('AWSCURRENT', current.id, wanted.id);
  if (now(run) > plus(looked, AT_ONCE)) await lookAgain(run, { id: wanted.id, candidate }, current);
  // only if the promotion took longer than it is given
  const superseded = record.ledger.versions.find((one) => one.id === current.id);
  if (superseded && retired && !pressedSince(current) && now(run) > plus(retired, PROMOTION_BOUND))
    await retireVersion(run, superseded, candidate.promotion);
  // what could not be announced is next, and stands in front of nothing
  await announceAll(run).catch(unless('events-failed', 'replicas-behind'));
}

type Promotable = { readonly id: string; readonly candidate?: CandidateNote };

/** The versions of a promotion that may still be carried out: this one, and not another of the same candidate. */
function promotable(run: Run, { id, candidate: wanted }: Promotable) {
  const { record } = run;
  const { current, candidates } = record.ledger;
  const version = candidates.find((one) => one.id === id);
  const { candidate } = version ?? {};
  const overtaken = candidate?.promotion !== wanted?.promotion || (candidate?.kind === 'rotation' && current?.rollback);
  if (!current || !version || !candidate || overtaken)
    throw new RekeyError('lost-race', `${record.name} changed while its candidate was proven`);
  if (now(run) >= leaseEnd(version))
    throw new RekeyError('unproven', 'the candidate was proven too late to be promoted; it will be discarded');
  return { current, candidate };
}

/** Longer than this between the look and the move, and others may have come and gone in between. */
const AT_ONCE = 1 * SECOND;

/**
 * AWSCURRENT was where it was expected, and may have been elsewhere in between: then another worker has promoted the candidate, and
 * somebody has gone back since. Its label is gone, which tells; AWSCURRENT goes back, before anybody is told. One that was only discarded
 * is current now, and announced as such.
 */
async function lookAgain(run: Run, { id, candidate: wanted }: Required<Promotable>, base: Version): Promise<void> {
  const { record } = run;
  await record.refresh();
  const { current, versions } = record.ledger;
  const version = versions.find((one) => one.id === id);
  const before = versions.find((one) => one.id === base.id);
  const back = rolledBackAt(versions, base);
  const undoes = wanted.kind === 'rotation' && back !== undefined && back >= wanted.since;
  if (!version || current?.id !== id) return;
  const untold = version.candidate?.promotion === wanted.promotion;
  const passed = version.retirement !== undefined && version.retirement.at >= wanted.since;
  if (before?.credential && (undoes || (passed && !untold) || !version.credential)) {
    await record.move('AWSCURRENT', id, base.id);
    await unretire(run, before, wanted.promotion);
    const own = labelsOf(version, 'candidate', 'discarded');
    const over = labels.discarded(id, discardableFrom(version, now(run)), wanted);
    // one that was current before is yet to be announced
    if (own.length > 0 && !passed) await record.replace(own, over, id);
    throw new RekeyError('lost-race', `${record.name} was promoted, and rolled back, by others meanwhile`);
  }
  // its own was taken off by another promotion that did not come to pass
  if (before && !before.revokeAfter) await retireVersion(run, before, wanted.promotion);
  if (!untold) await record.attach(labels.candidate(id, wanted), id);
}

/** Superseded by somebody else's hand: it gets a time of revocation like any other. The current one of a retired target makes way. */
export const retire: Transition = async (run, due) => {
  run.progress.stage = 'promote';
  const version = subject(due);
  if (version.current) return vacate(run, version);
  await retireVersion(run, version);
};

/**
 * Puts `revoke-after` on a version that is about to be superseded, and takes off what an earlier promotion left there. Resolves to when it
 * was written; nothing is if it holds none of our credentials.
 */
export async function retireVersion(run: Run, version: Version, promotion?: string): Promise<Date | undefined> {
  const { credential } = version;
  if (!credential) return undefined;
  const { record, target } = run;
  const written = now(run);
  // a report of compromise brings the end forward by itself, and may turn out to need a confirmation: this is the time without it
  const end = target.retired ? written : ceilSecond(plus(written, target.grace + PROMOTION_BOUND));
  const { expiresAt } = credential;
  const label = labels.revokeAfter(version.id, expiresAt ? earliest(end, expiresAt) : end, promotion, written);
  await record.replace(labelsOf(version, 'revoke-after'), label, version.id);
  return written;
}
