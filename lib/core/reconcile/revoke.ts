import type { Due } from '../decide/index.ts';
import { RekeyError } from '../errors.ts';
import { labels, labelsOf, type Version } from '../ledger/index.ts';
import { parseValue } from '../ledger/value.ts';
import type { RevocableCredential } from '../provider.ts';
import { plus, stamp } from '../time.ts';
import { providerCall } from './call.ts';
import { type Death, deathOf, formatDeath, parseDeath } from './death.ts';
import { publish, taken } from './publish.ts';
import { at, now, type Run, subject, type Transition } from './run.ts';
import { during } from './stage.ts';

/**
 * Ends a superseded credential: disables it if the provider can and the target has a soak,
 * otherwise deletes it, or waits for its expiry if it can only expire. Then proves it dead,
 * announces that, and records it. After a crash before the last write, the next run repeats
 * everything.
 */
export const revoke: Transition = async (run, due) => {
  const version = subject(due);
  const ended = await during('revoke', () => end(run, version));
  if (ended.reversible) await during('prove', () => lookAgain(ended.there, version));
  await during('announce', () => announceEnd(run, version, ended));
};

interface Ended {
  /** The run at the place where the credential lived. */
  readonly there: Run;
  readonly death: Death;
  /** The credential was disabled, and its soak has begun. */
  readonly reversible: boolean;
}

/** Announces the end of a credential, then records it. */
async function announceEnd(run: Run, version: Version, ended: Ended): Promise<void> {
  const { there, death, reversible } = ended;
  const { id, expiresAt } = noteOf(run, version);
  const proof = { ...death, at: now(run).toISOString() };
  if (expiresAt && expiresAt <= now(run)) {
    const data = {
      versionId: version.id,
      credentialId: id,
      expiredAt: expiresAt.toISOString(),
      proof,
    };
    await publish(there, ['Credential Expired', lifeOf(version, 'ended'), data]);
  } else if (reversible) {
    // the soak begins even if the event bus does not accept the event
    const announced = await taken(announceDisabled(there, version, proof));
    const label = labels.disabled(version.id, now(run), announced ? undefined : formatDeath(death));
    return run.record.replace(labelsOf(version, 'revoke-backoff'), label, version.id);
  } else {
    const data = { versionId: version.id, credentialId: id, proof, reversible };
    await publish(there, ['Credential Revoked', lifeOf(version, 'ended'), data]);
  }
  await clearCredential(run, version);
}

const lifeOf = ({ id, revokeAfter }: Version, end: 'disabled' | 'ended'): string =>
  `${id} ${revokeAfter ? stamp(revokeAfter) : ''} ${end}`;

async function announceDisabled(
  run: Run,
  version: Version,
  proof: Death & { readonly at: string },
): Promise<void> {
  const data = {
    versionId: version.id,
    credentialId: noteOf(run, version).id,
    proof,
    reversible: true,
  };
  await publish(run, ['Credential Revoked', lifeOf(version, 'disabled'), data]);
}

/** Announces that a credential was disabled, if the event bus did not accept that at the time. */
export async function announceDisabledLate(run: Run, version: Version): Promise<void> {
  const { disabledAt, disabledUntold } = version;
  if (!disabledAt || !disabledUntold) return;
  const proof = { ...parseDeath(disabledUntold), at: disabledAt.toISOString() };
  await announceDisabled(at(run, version), version, proof);
}

/** The same, and records it. */
export async function reportDisabled(run: Run, version: Version): Promise<void> {
  const { disabledAt, disabledUntold } = version;
  if (!disabledAt || !disabledUntold) return;
  await announceDisabledLate(run, version);
  const announced = labels.disabled(version.id, disabledAt);
  await run.record.replace(labelsOf(version, 'disabled'), announced, version.id);
}

/**
 * True if the credential is to be disabled for its soak. A compromised credential, or one that was
 * never current, is not wanted back. A credential whose end has failed for as long as a soak is
 * deleted instead.
 */
function isReversible(
  run: Run,
  { discarded, compromisedAt, revokeBackoff, revokeAfter }: Version,
): boolean {
  const { soak } = run.target;
  if (soak === 0 || !run.provider.enable || discarded || compromisedAt) return false;
  return !revokeBackoff || !revokeAfter || now(run) < plus(revokeAfter, soak);
}

/**
 * Throws `replicas-behind` if a replica still serves the superseded version. Only a compromised
 * credential, or a discarded candidate, ends regardless.
 */
function servedNowhere({ record }: Run, { compromisedAt, discarded }: Version): void {
  const { replicasBehind } = record.ledger;
  if (replicasBehind.length === 0 || compromisedAt || discarded) return;
  throw new RekeyError(
    'replicas-behind',
    `the replicas of ${record.name} in ${replicasBehind.join(', ')} ` +
      'still serve the credential to revoke',
  );
}

/** Ends the credential at the provider, and resolves to the proof that it is dead. */
async function end(own: Run, version: Version): Promise<Ended> {
  servedNowhere(own, version);
  const { expiresAt } = noteOf(own, version);
  const there = at(own, version);
  const reversible = isReversible(there, version);
  const credential = await revocable(there, version);
  // already expired, and without a password there is nothing to check at the registry
  if (!credential.password && expiresAt && expiresAt <= now(own))
    return { there, reversible, death: { kind: 'expired' } };
  const call = await providerCall(there);
  if (reversible) await there.provider.enable?.(call, credential, false);
  else await there.provider.revoke?.(call, credential);
  // the expiry is over, or the deletion is confirmed: only the proof is missing
  if (!reversible) own.progress.confirmed = version.id;
  const death = await deathOf(there, { own, call, version, credential, reversible });
  return { there, reversible, death };
}

/**
 * Handles a rollback to the credential while it was being disabled: enables it again, and throws
 * `lost-race` so that no event calls it disabled.
 */
async function lookAgain(run: Run, { id }: Version): Promise<void> {
  const { record } = run;
  await record.refresh();
  const version = record.ledger.versions.find((one) => one.id === id);
  if (!version?.current && !version?.pending) return;
  const credential = await revocable(run, version);
  await run.provider.enable?.(await providerCall(run), credential, true);
  throw new RekeyError(
    'lost-race',
    `${record.name} was rolled back to a credential while it was being disabled`,
  );
}

/**
 * Deletes a disabled credential once the soak is over. It was proven dead and announced when it was
 * disabled.
 */
export const remove: Transition = (run, due) => during('revoke', () => deleteForGood(run, due));

async function deleteForGood(run: Run, due: Due): Promise<void> {
  const version = subject(due);
  const { id } = noteOf(run, version);
  const there = at(run, version);
  await there.provider.revoke?.(await providerCall(there), { id });
  run.progress.confirmed = version.id;
  await reportDisabled(run, version);
  await publish(there, [
    'Credential Deleted',
    `${version.id} ${version.disabledAt ? stamp(version.disabledAt) : ''}`,
    { versionId: version.id, credentialId: id },
  ]);
  await clearCredential(run, version);
}

/**
 * Gives up a credential that cannot be ended, or proven dead: announces that, and frees its labels,
 * so that nothing waits for it.
 */
export const abandon: Transition = async (run, due) => {
  const version = subject(due);
  const { id, expiresAt, provider } = noteOf(run, version);
  const { code = 'unproven', confirmedAt } = version.revokeBackoff ?? {};
  const over = confirmedAt ?? (expiresAt && expiresAt <= now(run));
  const reason = over ? 'unproven' : code === 'out-of-reach' ? 'out-of-reach' : 'failing';
  const times = {
    ...(confirmedAt && { confirmedAt: confirmedAt.toISOString() }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  };
  if (confirmedAt) await deleteAgain(run, version);
  const data = {
    versionId: version.id,
    credentialId: id,
    reason,
    errorClass: code,
    ...times,
    ...(provider && { provider }),
  } as const;
  await publish(run, ['Revocation Abandoned', version.id, data]);
  await clearCredential(run, version);
};

/** Deletes the credential once more, to be sure. A failure changes nothing. */
async function deleteAgain(run: Run, version: Version): Promise<void> {
  try {
    const there = at(run, version);
    await there.provider.revoke?.(await providerCall(there), await revocable(there, version));
  } catch (error) {
    if (!(error instanceof RekeyError)) throw error;
  }
}

/**
 * Removes the `credential` label: the credential of the version is dead. The last write of a
 * revocation.
 */
async function clearCredential({ record }: Run, version: Version): Promise<void> {
  for (const label of labelsOf(version, 'credential')) await record.remove(label, version.id);
}

function noteOf({ record }: Run, { credential, id }: Version) {
  if (!credential)
    throw new RekeyError('lost-race', `the credential of version ${id} of ${record.name} is gone`);
  return credential;
}

async function revocable(run: Run, version: Version): Promise<RevocableCredential> {
  const { id } = noteOf(run, version);
  const value = await run.record.read(version.id);
  return { ...(value && parseValue(value)), id };
}
