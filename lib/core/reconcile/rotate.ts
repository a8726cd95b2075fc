import { unless } from '../errors.ts';
import type { CandidateNote } from '../ledger/index.ts';
import type { Login } from '../login.ts';
import type { Credential } from '../provider.ts';
import { announceAll } from './announce.ts';
import { providerCall } from './call.ts';
import { decidedAt } from './candidacy.ts';
import { stillRefused } from './health.ts';
import { freeVersion, issue, open } from './issue.ts';
import { withinLimits } from './limits.ts';
import { type Promotable, supersede } from './move.ts';
import { nextVersion } from './own-orphans.ts';
import { proveAccepted } from './prove.ts';
import type { Run, Transition } from './run.ts';
import { during } from './stage.ts';
import { store } from './store.ts';

/*
 * The effects of a rotation, in order, and what a crash after each of them leaves:
 *
 *   open       an empty secret gets a placeholder     a secret without a credential
 *   leftovers  revoked, and their ids used up         the same
 *   issue      the provider has a new credential      a leftover, which the next run finds by label
 *   store      a version has it                       a candidate, to be finished or discarded
 *   prove      the registry accepts it                the same
 *   retire     the current version has an end         an end that is ignored: nothing was promoted
 *   move       AWSCURRENT is on the candidate         a promotion that the next run announces
 *   announce   the event is out                       the same, until the candidate label is off
 *
 * The version id is derived before the provider is called, and is part of the label there: so the
 * next run finds the work of this one, at any point where it ended.
 */

/** Issues the successor of the current version, stores it as a candidate, and promotes it. */
export const rotate: Transition = async (run, { reason }) => {
  const { record, target } = run;
  withinLimits(run, reason);
  if (reason === 'unhealthy' && !(await during('check', () => stillRefused(run)))) return;
  if (target.driver === 'secrets-manager') {
    const base = await open(run);
    return record.requestRotation(nextVersion(record.ledger, base));
  }
  const { credential, ...candidate } = await createCandidate(run, reason);
  await promote(run, candidate, credential);
};

/** The first half: `given` is the version to rotate into, where Secrets Manager has chosen it. */
export async function createCandidate(
  run: Run,
  reason: string,
  given?: string,
): Promise<Candidate> {
  const base = await open(run);
  const since = decidedAt(run);
  const call = await providerCall(run);
  const version = await during('find', () => freeVersion(run, call, base, given));
  const issued = await during('issue', () => issue(run, call, version, reason));
  const order = { base, since, version, staged: given !== undefined, ...issued };
  const candidate = await during('store', () => store(run, call, order));
  return { id: version, candidate, credential: issued.credential };
}

interface Candidate {
  readonly id: string;
  readonly candidate: CandidateNote;
  readonly credential: Credential;
}

/**
 * The second half. A candidate supersedes the version that it names and no other: a rollback, a
 * report, or another promotion that came while it was proven is seen, and decides.
 */
export async function promote(run: Run, wanted: Promotable, login: Login): Promise<void> {
  await during('verify', () => proveAccepted(run, login));
  await during('promote', () => supersede(run, wanted)); // retire, then move
  // an event that could not be sent is next, and stands in front of nothing
  await announceAll(run).catch(unless('events-failed', 'replicas-behind'));
}
