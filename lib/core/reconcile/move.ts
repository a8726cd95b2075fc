import { discardableFrom, earlyEndFrom, leaseEnd } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import {
  type CandidateNote,
  labels,
  labelsOf,
  rolledBackAt,
  type Version,
} from '../ledger/index.ts';
import { plus, SECOND } from '../time.ts';
import { unretire } from './candidacy.ts';
import { PROMOTION_BOUND, retireVersion } from './retire.ts';
import { now, type Run } from './run.ts';

/** Pauses between the tries to make a candidate current, in milliseconds. */
const PAUSES = [SECOND, 3 * SECOND];

/** Retires the current version, and makes the candidate current. */
export async function supersede(run: Run, wanted: Promotable): Promise<void> {
  const { current, candidate, retired } = await moveCurrent(run, wanted);
  const superseded = run.record.ledger.versions.find((one) => one.id === current.id);
  if (!superseded || !retired || earlyEndFrom(current)) return;
  // only if the promotion exceeded the time that the grace allows for it
  if (now(run) > plus(retired, PROMOTION_BOUND))
    await retireVersion(run, superseded, candidate.promotion);
}

/**
 * Makes the candidate current. Each try is one request, right after a look at the secret and at the
 * lease: a request that is only repeated could arrive long after another worker has revoked the
 * candidate.
 */
async function moveCurrent(run: Run, wanted: Promotable): Promise<Move> {
  const { record } = run;
  const pauses = [...PAUSES];
  for (;;) {
    const looked = now(run);
    await record.refresh();
    // even if it is current already because only the answer was lost: the next look shows the
    // remaining work
    const { current, candidate, version } = promotable(run, wanted);
    const retired = await retireVersion(run, current, candidate.promotion);
    try {
      await record.move('AWSCURRENT', current.id, wanted.id, () => inTime(run, version));
    } catch (error) {
      const pause = hasCode(error, 'aws-failed') ? pauses.shift() : undefined;
      if (pause === undefined) throw error;
      await run.engine.clock.sleep(pause, run.signal);
      continue;
    }
    if (now(run) > plus(looked, AT_ONCE))
      await lookAgain(run, { id: wanted.id, candidate }, current);
    return { current, candidate, retired };
  }
}

/** A completed move: the superseded version, and the candidate that took its place. */
interface Move {
  readonly current: Version;
  readonly candidate: CandidateNote;
  /** When the end of the superseded version was written, if it has one. */
  readonly retired: Date | undefined;
}

/** A candidate to promote. */
export type Promotable = { readonly id: string; readonly candidate?: CandidateNote };

/**
 * The versions of a promotion that may still be carried out: this promotion, and not another of the
 * same candidate. Throws `lost-race` otherwise.
 */
function promotable(run: Run, { id, candidate: wanted }: Promotable) {
  const { record } = run;
  const { current, candidates } = record.ledger;
  const version = candidates.find((one) => one.id === id);
  const { candidate } = version ?? {};
  const overtaken =
    candidate?.promotion !== wanted?.promotion ||
    (candidate?.kind === 'rotation' && current?.rollback);
  if (!current || !version || !candidate || overtaken)
    throw new RekeyError('lost-race', `${record.name} changed while its candidate was proven`);
  inTime(run, version);
  return { current, candidate, version };
}

/** Throws `unproven` if the lease is over: another worker may be about to discard the candidate. */
function inTime(run: Run, version: Version): void {
  if (now(run) < leaseEnd(version)) return;
  throw new RekeyError(
    'unproven',
    'the candidate was proven too late to be promoted; it will be discarded',
  );
}

/**
 * If more time than this passes between the look and the move, others may have moved AWSCURRENT in
 * between.
 */
const AT_ONCE = 1 * SECOND;

/**
 * Looks again after a slow move. AWSCURRENT was where it was expected, but it may have been
 * elsewhere in between: another worker may have promoted the candidate, and a rollback may have
 * followed. The missing label of the candidate shows that. Then AWSCURRENT goes back before any
 * event is published. A candidate that was only discarded is current now, and is announced as such.
 */
async function lookAgain(
  run: Run,
  { id, candidate: wanted }: Required<Promotable>,
  base: Version,
): Promise<void> {
  const { record } = run;
  await record.refresh();
  const { current, versions } = record.ledger;
  const version = versions.find((one) => one.id === id);
  const before = versions.find((one) => one.id === base.id);
  const back = rolledBackAt(versions, base);
  const undoes = wanted.kind === 'rotation' && back !== undefined && back >= wanted.since;
  if (!version || current?.id !== id) return;
  const unannounced = version.candidate?.promotion === wanted.promotion;
  const passed = version.retirement !== undefined && version.retirement.at >= wanted.since;
  if (before?.credential && (undoes || (passed && !unannounced) || !version.credential)) {
    await record.move('AWSCURRENT', id, base.id);
    await unretire(run, before, wanted.promotion);
    const own = labelsOf(version, 'candidate', 'discarded');
    const over = labels.discarded(id, discardableFrom(version, now(run)), wanted);
    // a version that was current before keeps its label until it is announced
    if (own.length > 0 && !passed) await record.replace(own, over, id);
    throw new RekeyError(
      'lost-race',
      `others promoted ${record.name} and rolled it back meanwhile`,
    );
  }
  // another promotion that did not happen removed its own end
  if (before && !before.revokeAfter) await retireVersion(run, before, wanted.promotion);
  if (!unannounced) await record.attach(labels.candidate(id, wanted), id);
}
