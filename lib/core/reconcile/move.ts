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

/** Between two tries to make a candidate current. */
const PAUSES = [SECOND, 3 * SECOND];

/** Retires the current version, and makes the candidate current. */
export async function supersede(run: Run, wanted: Promotable): Promise<void> {
  const { current, candidate, retired } = await moveCurrent(run, wanted);
  const superseded = run.record.ledger.versions.find((one) => one.id === current.id);
  if (!superseded || !retired || earlyEndFrom(current)) return;
  // only if the promotion took longer than it is given
  if (now(run) > plus(retired, PROMOTION_BOUND))
    await retireVersion(run, superseded, candidate.promotion);
}

/**
 * Makes the candidate current. Each try is one request that begins with a look at the secret and
 * its lease: whoever repeated the request alone could send it when another worker has long revoked
 * the candidate.
 */
async function moveCurrent(run: Run, wanted: Promotable): Promise<Move> {
  const { record } = run;
  const pauses = [...PAUSES];
  for (;;) {
    const looked = now(run);
    await record.refresh();
    // also if it is current already, since only an answer was lost: the next look tells what is
    // left to do
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

/** What became current, and instead of what. */
interface Move {
  readonly current: Version;
  readonly candidate: CandidateNote;
  /** When the end of the version before was written, if it has one. */
  readonly retired: Date | undefined;
}

export type Promotable = { readonly id: string; readonly candidate?: CandidateNote };

/**
 * The versions of a promotion that may still be carried out: this one, and not another of the same
 * candidate.
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

/** Throws if its lease is over: another worker may be about to discard it. */
function inTime(run: Run, version: Version): void {
  if (now(run) < leaseEnd(version)) return;
  throw new RekeyError(
    'unproven',
    'the candidate was proven too late to be promoted; it will be discarded',
  );
}

/** Longer than this between the look and the move, and others may have come and gone in between. */
const AT_ONCE = 1 * SECOND;

/**
 * AWSCURRENT was where it was expected, and may have been elsewhere in between: then another worker
 * has promoted the candidate, and somebody has gone back since. Its label is gone, which tells;
 * AWSCURRENT goes back, before anybody is told. One that was only discarded is current now, and
 * announced as such.
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
  const untold = version.candidate?.promotion === wanted.promotion;
  const passed = version.retirement !== undefined && version.retirement.at >= wanted.since;
  if (before?.credential && (undoes || (passed && !untold) || !version.credential)) {
    await record.move('AWSCURRENT', id, base.id);
    await unretire(run, before, wanted.promotion);
    const own = labelsOf(version, 'candidate', 'discarded');
    const over = labels.discarded(id, discardableFrom(version, now(run)), wanted);
    // one that was current before is yet to be announced
    if (own.length > 0 && !passed) await record.replace(own, over, id);
    throw new RekeyError(
      'lost-race',
      `${record.name} was promoted, and rolled back, by others meanwhile`,
    );
  }
  // its own was taken off by another promotion that did not come to pass
  if (before && !before.revokeAfter) await retireVersion(run, before, wanted.promotion);
  if (!untold) await record.attach(labels.candidate(id, wanted), id);
}
