import { hasCode, RekeyError } from '../errors.ts';
import { formatLabel } from '../ids/label.ts';
import { uuidv5 } from '../ids/uuid.ts';
import type { CredentialNote } from '../ledger/index.ts';
import type { Credential, ProviderCall } from '../provider.ts';
import { latest, plus, SECOND } from '../time.ts';
import { expiryOf, isLost } from './expiry.ts';
import { attemptOf, nextVersion, placeholder, revokeOwnOrphans, use } from './own-orphans.ts';
import { now, type Run } from './run.ts';

type Call = ProviderCall<unknown, unknown>;

/**
 * Id of the current version. Secrets Manager makes the first version of a secret AWSCURRENT, so an
 * empty secret gets a placeholder: a candidate must not be the first.
 */
export async function open({ record }: Run): Promise<string> {
  if (record.ledger.current) return record.ledger.current.id;
  const id = uuidv5(['opening', record.ledger.arn]);
  await record.put(id, placeholder, ['AWSCURRENT']);
  return id;
}

/**
 * Revokes the orphans of earlier attempts, and resolves to the version to rotate into: the given
 * one, or that of the next attempt. Throws `conflict` if the given one is used up.
 */
export async function freeVersion(
  run: Run,
  call: Call,
  base: string,
  given: string | undefined,
): Promise<string> {
  const { record } = run;
  const alive = await revokeOwnOrphans(run, call, given ?? nextVersion(record.ledger, base));
  // after the orphans: their ids are used up
  const version = given ?? nextVersion(record.ledger, base, alive);
  if (record.ledger.versions.some(({ id, used }) => id === version && used))
    throw new RekeyError(
      'conflict',
      `the version id for the rotation of ${record.name} is used up`,
    );
  return version;
}

/** A credential that has just been issued, and the note for its label. */
export interface Issued {
  readonly credential: Credential;
  readonly note: CredentialNote;
}

/** Issues a credential under the label of this version. */
export async function issue(
  run: Run,
  call: Call,
  version: string,
  reason: string,
): Promise<Issued> {
  const { target, record } = run;
  const { reportedAt } = record.ledger;
  // later than the last report, by any clock: a report covers everything issued until then
  const issuedAt = latest(now(run), ...(reportedAt ? [plus(reportedAt, SECOND)] : []));
  const credential = await issueUnderLabel(run, call, version);
  const { id, expiresAt } = credential;
  const { spec, provider, place } = target;
  const note = { id, issuedAt, spec, reason, provider, place, ...(expiresAt && { expiresAt }) };
  return { credential, note };
}

async function issueUnderLabel(run: Run, call: Call, version: string): Promise<Credential> {
  const { target, provider, record } = run;
  const label = formatLabel(target.fleet, record.ledger.arn, version);
  const expiresAt = expiryOf(run, now(run));
  try {
    // a credential for other parameters, or at another place, may have other rights than are wanted
    // now
    const current = record.ledger.current?.credential;
    const alike = current?.spec === target.spec && (current.place ?? target.place) === target.place;
    return await provider.issue(call, {
      label,
      expiresAt,
      predecessor: alike ? current.id : undefined,
    });
  } catch (error) {
    // the name belongs to an orphan that the list does not show yet: its id is used up, and the
    // next attempt has another
    if (hasCode(error, 'conflict')) await use(run, version, attemptOf(record.ledger, version) ?? 0);
    const code = error instanceof RekeyError ? error.code : 'internal';
    if (isLost(run, code)) {
      run.progress.lost = { label, until: expiresAt };
    }
    throw error;
  }
}
