import { RekeyError } from '../errors.ts';
import type { EventData } from '../events/index.ts';
import { labelPrefix } from '../label.ts';
import { labels, labelsOf, settled, type Version } from '../ledger.ts';
import type { ProviderCall, RevocableCredential } from '../ports.ts';
import { stamp } from '../time.ts';
import { parseValue } from '../value.ts';
import { proveDead } from './prove.ts';
import { now, providerCall, publish, type Run, subject, type Transition } from './run.ts';

/**
 * Ends a superseded credential: disabled where the provider can and a soak is wanted, else deleted, or expired where it
 * can only expire; then proven dead; then announced; then written down. A crash before the last makes the next run do all of it again.
 */
export const revoke: Transition = async (run, due) => {
  const { provider, target, record } = run;
  const version = subject(due);
  const { id, expiresAt } = noteOf(run, version);
  const reversible = target.soak > 0 && provider.enable !== undefined && !version.discarded;
  const kind = await end(run, version, reversible);
  run.stage = 'announce';
  const proof = { kind, at: now(run).toISOString() };
  const ids = { versionId: version.id, credentialId: id };
  const transition = `${version.id} ${version.revokeAfter ? stamp(version.revokeAfter) : ''}`;
  if (expiresAt && expiresAt <= now(run)) {
    await publish(run, ['Credential Expired', transition, { ...ids, expiredAt: expiresAt.toISOString(), proof }]);
  } else {
    await publish(run, ['Credential Revoked', transition, { ...ids, proof, reversible }]);
  }
  if (!reversible) return bury(run, version);
  await record.replace(labelsOf(version, 'revoke-backoff'), labels.disabled(version.id, now(run)), version.id);
};

/** Ends the credential at the provider, and tells how it is known to be dead. */
async function end(run: Run, version: Version, reversible: boolean): Promise<Proof> {
  const { provider } = run;
  run.stage = 'revoke';
  const credential = await revocable(run, version);
  const expiresAt = version.credential?.expiresAt;
  // nothing is left to end, and nothing is there to try it with
  if (!credential.password && expiresAt && expiresAt <= now(run)) return 'expired';
  const call = await providerCall(run);
  if (reversible) await provider.enable?.(call, credential, false);
  else await provider.revoke?.(call, credential);
  return prove(run, call, credential);
}

/** Deletes what was disabled, once the soak is over. It was proven dead and announced when it was disabled. */
export const remove: Transition = async (run, due) => {
  const version = subject(due);
  run.stage = 'revoke';
  const { id } = noteOf(run, version);
  await run.provider.revoke?.(await providerCall(run), { id });
  await bury(run, version);
};

/** Takes a candidate back. When its label is gone it is a superseded version, due at once, and revoked as one. */
export const discard: Transition = async (run, due) => {
  const { record } = run;
  const candidate = subject(due);
  run.stage = 'tidy';
  const { current } = record.ledger;
  const rolledBack = current?.rollback?.to === candidate.id;
  if (rolledBack || candidate.revokeAfter) {
    // it was current once and keeps its time of revocation. AWSPENDING goes first: without the roll-back it would look like one never proven
    await record.remove('AWSPENDING', candidate.id);
    if (rolledBack) for (const label of labelsOf(current, 'rollback')) await record.remove(label, current.id);
  } else {
    await record.replace(['AWSPENDING'], labels.discarded(candidate.id, now(run)), candidate.id);
  }
};

/** Tells whoever still uses a superseded credential that its end is near. */
export const warn: Transition = async (run, due) => {
  const version = subject(due);
  run.stage = 'announce';
  const { id } = noteOf(run, version);
  if (!version.revokeAfter) throw new RekeyError('lost-race', `${run.record.name} changed before the warning`);
  const revokeAfter = version.revokeAfter.toISOString();
  await publish(run, [
    'Revocation Due',
    `${version.id} ${stamp(version.revokeAfter)}`,
    { versionId: version.id, credentialId: id, revokeAfter },
  ]);
  await run.record.attach(labels.warned(version.id, now(run)), version.id);
};

/** Takes off labels that say nothing any more. Secrets Manager may then drop a version that is dead. */
export const forget: Transition = async (run, due) => {
  const version = subject(due);
  run.stage = 'tidy';
  for (const label of settled(version)) await run.record.remove(label, version.id);
};

type Proof = EventData<'Credential Revoked'>['proof']['kind'];

/** Nothing alive stands behind the version any more: the last write of a revocation. */
async function bury({ record }: Run, version: Version): Promise<void> {
  for (const label of labelsOf(version, 'credential')) await record.remove(label, version.id);
}

function noteOf({ record }: Run, { credential, id }: Version) {
  if (!credential) throw new RekeyError('lost-race', `version ${id} of ${record.name} has no credential any more`);
  return credential;
}

async function revocable(run: Run, version: Version): Promise<RevocableCredential> {
  const { id } = noteOf(run, version);
  const value = await run.record.read(version.id);
  return { ...(value && parseValue(value)), id };
}

async function prove(run: Run, call: ProviderCall<unknown, unknown>, { id, ...login }: RevocableCredential): Promise<Proof> {
  const { registry, username, password } = login;
  if (registry && username && password) {
    await proveDead(run, { ...login, registry, username, password });
    return 'refused-by-registry';
  }
  run.stage = 'prove';
  const { provider, target, record } = run;
  const alive = provider.capabilities.list ? await provider.find(call, labelPrefix(target.fleet, record.ledger.arn)) : undefined;
  if (!alive)
    throw new RekeyError(
      'secret-unreadable',
      `a superseded version of ${record.name} has no value that rekey wrote, so its end cannot be proven`,
    );
  if (alive.some((found) => found.id === id))
    throw new RekeyError('still-accepted', 'the revoked credential is still in the provider’s list');
  return 'gone-at-provider';
}
