import { limitOf, type Reason } from '../decide/index.ts';
import { hasCode, RekeyError } from '../errors.ts';
import { formatLabel } from '../ids/label.ts';
import { uuidv5 } from '../ids/uuid.ts';
import { type CandidateNote, type CredentialNote, labels, rolledBackAt } from '../ledger/index.ts';
import { formatValue } from '../ledger/value.ts';
import type { Credential, ProviderCall } from '../provider.ts';
import { latest, plus, SECOND } from '../time.ts';
import { candidacy } from './candidacy.ts';
import { expiryOf, isLost } from './expiry.ts';
import { stillRefused } from './health.ts';
import { attemptOf, nextVersion, placeholder, revokeLeftovers, use } from './leftovers.ts';
import { promote } from './promote.ts';
import { now, providerCall, type Run, type Transition } from './run.ts';
import { during } from './stage.ts';

type Call = ProviderCall<unknown, unknown>;

/**
 * Issues the successor of the current version, stores it as a candidate, and promotes it. The
 * version id is derived before the provider is called and is part of the label there, so a crash
 * anywhere is picked up by the next run.
 */
export const rotate: Transition = async (run, { reason }) => {
  const { record, target } = run;
  withinLimits(run, reason);
  if (reason === 'unhealthy' && !(await during('check', () => stillRefused(run)))) return;
  const base = await open(run);
  if (target.driver === 'secrets-manager') return record.ask(nextVersion(record.ledger, base));
  const { credential, ...candidate } = await createCandidate(run, reason);
  await promote(run, candidate, credential);
};

const limits = {
  'too-soon': 'throttled',
  'too-many-alive': 'quota',
  'label-limit': 'label-limit',
} as const;

/** Throws if another credential must not be issued now, and nobody knows when it may. */
export function withinLimits({ target, record, engine }: Run, reason: Reason): void {
  const limit = limitOf(target, record.ledger, engine.clock.now(), reason);
  if (!limit) return;
  const about =
    limit.reason === 'too-many-alive'
      ? `${target.liveAtOnce} are alive, and one of them cannot be ended`
      : limit.reason;
  throw new RekeyError(limits[limit.reason], `${target.name} cannot be rotated now: ${about}`);
}

/**
 * Issues a credential, and stores it as a candidate: in this version, or in that of the next
 * attempt.
 */
export async function createCandidate(
  run: Run,
  reason: string,
  given?: string,
): Promise<{
  readonly id: string;
  readonly candidate: CandidateNote;
  readonly credential: Credential;
}> {
  const { target, record } = run;
  const base = await open(run);
  const since = decidedAt(run);
  const call = await providerCall(run);
  const version = await during('find', () => freeVersion(run, call, base, given));
  const { reportedAt } = record.ledger;
  // whatever was issued until a report is compromised, by whichever clock
  const issuedAt = latest(now(run), ...(reportedAt ? [plus(reportedAt, SECOND)] : []));
  const credential = await during('issue', () => issue(run, call, version));
  const { expiresAt } = credential;
  const origin = { provider: target.provider, place: target.place };
  const candidate = candidacy('rotation', base, version, since);
  const note: CredentialNote = {
    id: credential.id,
    issuedAt,
    spec: target.spec,
    reason,
    ...origin,
    ...(expiresAt && { expiresAt }),
  };
  await during('store', () =>
    store(run, call, version, credential, [
      ...(given ? ['AWSPENDING'] : []),
      labels.candidate(version, candidate),
      labels.credential(version, note),
    ]),
  );
  return { id: version, candidate, credential };
}

/**
 * Revokes the leftovers of earlier attempts, and chooses the version to rotate into: the given one,
 * or that of the next attempt.
 */
async function freeVersion(
  run: Run,
  call: Call,
  base: string,
  given: string | undefined,
): Promise<string> {
  const { record } = run;
  const alive = await revokeLeftovers(run, call, given ?? nextVersion(record.ledger, base));
  // after the leftovers: their ids are used up
  const version = given ?? nextVersion(record.ledger, base, alive);
  if (record.ledger.versions.some(({ id, used }) => id === version && used))
    throw new RekeyError(
      'conflict',
      `the version that ${record.name} was to be rotated into is used up`,
    );
  return version;
}

/**
 * Since it was decided: who goes back in between has the last word. After a rollback that was seen
 * then, also in its second.
 */
function decidedAt(run: Run): Date {
  const { versions, current } = run.record.ledger;
  const back = rolledBackAt(versions, current);
  return latest(run.progress.seen ?? now(run), ...(back ? [plus(back, SECOND)] : []));
}

/**
 * Id of the current version. The first of a secret becomes AWSCURRENT whatever its labels say; a
 * candidate must not be the first.
 */
async function open({ record }: Run): Promise<string> {
  if (record.ledger.current) return record.ledger.current.id;
  const id = uuidv5(['opening', record.ledger.arn]);
  await record.put(id, placeholder, ['AWSCURRENT']);
  return id;
}

async function issue(run: Run, call: Call, version: string): Promise<Credential> {
  const { target, provider, record } = run;
  const label = formatLabel(target.fleet, record.ledger.arn, version);
  const expiresAt = expiryOf(run, now(run));
  try {
    // what was issued for other parameters, or elsewhere, may have other rights than are wanted now
    const current = record.ledger.current?.credential;
    const alike = current?.spec === target.spec && (current.place ?? target.place) === target.place;
    return await provider.issue(call, {
      label,
      expiresAt,
      predecessor: alike ? current.id : undefined,
    });
  } catch (error) {
    // the name belongs to a leftover that the list does not show yet: its id is used up, the next
    // attempt has another
    if (hasCode(error, 'conflict')) await use(run, version, attemptOf(record.ledger, version) ?? 0);
    const code = error instanceof RekeyError ? error.code : 'internal';
    if (isLost(run, code)) {
      run.progress.lost = { label, until: expiresAt };
    }
    throw error;
  }
}

/**
 * Stores the candidate; what lost a race for its version, or cannot be stored at all, is revoked
 * again.
 */
async function store(
  run: Run,
  call: Call,
  version: string,
  credential: Credential,
  stages: readonly string[],
): Promise<void> {
  const { record, target, provider } = run;
  const { readAgain } = provider.capabilities;
  const result = await record
    .put(version, formatValue(credential, target.format), stages, run.rotationToken)
    .catch(async (error: unknown) => {
      // after `aws-failed` it may be stored nevertheless: the next run looks. What can be read
      // again is given to it again
      if (!hasCode(error, 'aws-failed') && !readAgain) await provider.revoke?.(call, credential);
      throw error;
    });
  if (result === 'stored' && !readAgain) return;
  await record.refresh();
  const { current, versions } = record.ledger;
  // another worker may have been given the same credential: then the labels that it stored count
  const found = versions.find(({ id }) => id === version);
  if (result === 'stored' && found?.candidate && current?.id !== version) return;
  if (!versions.some((known) => known.credential?.id === credential.id))
    await provider.revoke?.(call, credential);
  // used up by an attempt whose labels were taken off since: without one, the next attempt would
  // choose this id again
  if (!found || (!found.credential && !found.used && !found.current))
    await record.attach(
      labels.used(version, now(run), attemptOf(record.ledger, version) ?? 0),
      version,
    );
  throw new RekeyError('lost-race', `another worker stored a successor in ${record.name}`);
}
