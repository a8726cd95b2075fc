import { leaseEnd } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { labels, labelsOf, ownLabels, superseded, type Version } from '../ledger.ts';
import type { Credential } from '../ports.ts';
import { ceilSecond, DAY, plus, SECOND, stamp } from '../time.ts';
import { parseValue } from '../value.ts';
import { proveAccepted } from './prove.ts';
import { awaitReplicas } from './replicas.ts';
import { now, providerCall, publish, type Run, subject, type Transition } from './run.ts';
import { announceRetired, vacate } from './vacate.ts';

/** Added to the grace: the time the promotion itself may take, since the grace counts from it. */
const PROMOTION_BOUND = 5 * SECOND;

/** A candidate that another run, or a roll-back, left as AWSPENDING. */
export const finish: Transition = async (run, due) => {
  const { provider, record } = run;
  const candidate = subject(due);
  const login = await candidateLogin(run, candidate);
  const ending = candidate.disabledAt || (candidate.revokeAfter && candidate.revokeAfter <= now(run));
  if (ending && candidate.credential && provider.enable) {
    // it may be disabled although nothing says so: a worker may have died in between. What is enabled is never called disabled
    for (const label of labelsOf(candidate, 'disabled')) await record.remove(label, candidate.id);
    await provider.enable(await providerCall(run), { ...login, id: candidate.credential.id }, true);
  }
  await promote(run, candidate.id, login);
};

/** Asks the registry whether it accepts what is stored in a candidate. */
export const proveCandidate = async (run: Run, candidate: Version): Promise<void> =>
  proveAccepted(run, await candidateLogin(run, candidate));

async function candidateLogin(run: Run, { id }: Version): Promise<Omit<Credential, 'id'>> {
  run.stage = 'verify';
  const value = await run.record.read(id);
  const login = value && parseValue(value);
  if (!login) throw new RekeyError('secret-unreadable', `the candidate in ${run.record.name} has no value that rekey wrote`);
  return login;
}

/** Proves the candidate, retires the current version, makes the candidate current, and announces it. */
export async function promote(run: Run, candidate: string, login: Omit<Credential, 'id'>): Promise<void> {
  const { record } = run;
  await proveAccepted(run, login);
  run.stage = 'promote';
  const { current, pending } = record.ledger;
  if (!current || pending?.id !== candidate)
    throw new RekeyError('lost-race', `${record.name} changed while its candidate was proven`);
  if (now(run) >= leaseEnd(record.ledger, pending)) {
    throw new RekeyError('unproven', 'the candidate was proven too late to be promoted; it will be discarded');
  }
  const retired = await retireVersion(run, current);
  await record.move('AWSCURRENT', current.id, candidate);
  // only if the promotion took longer than it is given
  if (retired && now(run) > plus(retired, -graceOf(run, current))) await retireVersion(run, current);
  await announceCurrent(run);
}

/** Superseded by somebody else's hand: it gets a time of revocation like any other. The current one of a retired target makes way. */
export const retire: Transition = async (run, due) => {
  run.stage = 'promote';
  const version = subject(due);
  await (version.current ? vacate(run, version) : retireVersion(run, version));
};

const graceOf = ({ target }: Run, { compromisedAt }: Version): number => (compromisedAt ? target.compromisedGrace : target.grace);

/** Puts `revoke-after` on a version that is about to be superseded; when that is. Nothing if it holds none of our credentials. */
async function retireVersion(run: Run, version: Version): Promise<Date | undefined> {
  if (!version.credential) return undefined;
  const { record } = run;
  const grace = graceOf(run, version);
  const known = version.revokeAfter;
  if (known && known >= plus(now(run), grace)) return known;
  const at = run.target.retired ? now(run) : ceilSecond(plus(now(run), grace + PROMOTION_BOUND));
  await record.attach(labels.revokeAfter(version.id, at), version.id);
  return at;
}

export const announce: Transition = async (run, { version }) =>
  version?.retired ? announceRetired(run, version) : announceCurrent(run);

/**
 * Empties the outbox. AWSPENDING comes off the promoted version last, so until then the same events, with the same ids,
 * are published again.
 */
async function announceCurrent(run: Run): Promise<void> {
  const { record } = run;
  run.stage = 'announce';
  const promoted = record.ledger.current;
  const behind = await awaitReplicas(run, promoted?.rollback?.at ?? promoted?.credential?.issuedAt ?? now(run));
  const { current } = record.ledger;
  if (!current?.credential || current.id !== promoted?.id)
    throw new RekeyError('lost-race', `${record.name} changed before it was announced`);
  const rollback = await tell(run, current, behind);
  if (rollback) {
    const settled = ownLabels(current).filter((label) => !labelsOf(current, 'credential').includes(label));
    for (const label of settled) await record.remove(label, current.id);
  }
  await record.remove('AWSPENDING', current.id);
}

/**
 * Tells of the current version again, if it is of the last day. For a rotation that Secrets Manager begins: it takes AWSPENDING for
 * the version it stages, and with it the mark that nobody was told of the current one yet.
 */
export async function tellAgain(run: Run): Promise<void> {
  const { current } = run.record.ledger;
  if (current?.credential && plus(current.credential.issuedAt, DAY) > now(run)) await tell(run, current, []);
}

/** Publishes what made the version current: its rotation, or the roll-back to it. True for a roll-back. */
async function tell(run: Run, current: Version, behind: string[]): Promise<boolean> {
  if (!current.credential) return false;
  const { id, expiresAt, issuedAt, reason } = current.credential;
  const previous = run.record.ledger.versions.filter(superseded).find((version) => version.previous);
  const before = previous && {
    versionId: previous.id,
    credentialId: previous.credential.id,
    ...(previous.revokeAfter && { revokeAfter: previous.revokeAfter.toISOString() }),
  };
  const subjectOf = { versionId: current.id, credentialId: id };
  if (previous?.rollback?.to === current.id) {
    const { at } = previous.rollback;
    await publish(run, ['Rolled Back', `${current.id} ${stamp(at)}`, { ...subjectOf, ...(before && { from: before }) }]);
    return true;
  }
  const times = { issuedAt: issuedAt.toISOString(), ...(expiresAt && { expiresAt: expiresAt.toISOString() }) };
  const links = { ...(before && { previous: before }), ...(behind.length > 0 && { replicasBehind: behind }) };
  await publish(run, ['Credential Rotated', current.id, { ...subjectOf, reason, ...times, ...links }]);
  return false;
}
