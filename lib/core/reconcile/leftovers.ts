import { RekeyError } from '../errors.ts';
import { labelledVersion, labelPrefix } from '../label.ts';
import { type Ledger, labels } from '../ledger.ts';
import type { FoundCredential, ProviderCall } from '../ports.ts';
import { Secret } from '../secret.ts';
import { now, publish, type Run } from './run.ts';

/** Stands in a version that holds no credential: the first of an empty secret, and ids that are used up. */
export const placeholder = new Secret('{"rekey":"no credential was issued for this version"}');

/**
 * Revokes the credentials under this secret's label that no version knows: what crashed attempts, or lost races, left alive. Where a
 * password can be read again, the one for the version `next` is spared: `issue` will give it back.
 */
export async function revokeLeftovers(run: Run, call: ProviderCall<unknown, unknown>, next?: string): Promise<void> {
  const { provider, target, record } = run;
  if (!provider.capabilities.list) return;
  run.stage = 'find';
  const prefix = labelPrefix(target.fleet, record.ledger.arn);
  const known = ({ id }: FoundCredential) => record.ledger.versions.some(({ credential }) => credential?.id === id);
  for (const found of await provider.find(call, prefix)) {
    const version = labelledVersion(found.label, prefix);
    if (!version || known(found) || inUse(record.ledger, version)) continue;
    if (provider.capabilities.readAgain && version === next) continue;
    const taken = record.ledger.versions.some(({ id }) => id === version);
    if (!taken && !(await burn(run, version))) {
      await record.refresh();
      if (known(found)) throw new RekeyError('lost-race', `another worker stored a successor in ${record.name}`);
    }
    // told first: once it is revoked nothing is left that would have a worker that died in between tell of it
    await publish(run, ['Orphan Revoked', found.id, { credentialId: found.id }]);
    await provider.revoke?.(call, found);
  }
}

/** AWSCURRENT whose `credential` label somebody took off: what was issued for it is what consumers work with. */
export const inUse = ({ current }: Ledger, version: string): boolean => current?.id === version && !current.credential;

/**
 * Uses up a version id, so that nobody can store a credential under it any more: the worker that issued it, should it
 * still be running, then revokes it itself. False if a value is stored there already.
 */
export async function burn(run: Run, version: string): Promise<boolean> {
  const { record } = run;
  return (await record.put(version, placeholder, [labels.burnt(version, now(run))])) === 'stored';
}
