import { hasCode, type RekeyError } from './errors.ts';
import type { Fleet, Target } from './fleet/target.ts';
import { fleetLabelPrefix, labelledVersion, labelPrefix } from './label.ts';
import type { FoundCredential, Snapshot } from './ports.ts';
import { burn, inUse } from './reconcile/leftovers.ts';
import { secretRecord } from './reconcile/record.ts';
import { type Engine, providerCall, publish, type Run } from './reconcile/run.ts';
import { MINUTE } from './time.ts';

/** Twice the longest run of a worker: what is younger may be in the middle of being stored. */
export const SAFETY_AGE = 20 * MINUTE;

/** Targets whose credentials are issued with one admin credential. */
export interface AdminAccount {
  readonly provider: string;
  readonly admin: string;
}

/**
 * Revokes the credentials of one admin account that bear a label of this fleet and of one of its secrets, and that no version of
 * that secret knows. Left alone are strangers', other fleets', those of secrets this deployment does not have, and what is younger
 * than the safety age or does not tell its age: the next rotation of its secret finds that. Resolves to how many were revoked.
 */
export async function revokeOrphans(
  engine: Engine,
  fleet: Fleet,
  { provider: name, admin }: AdminAccount,
  options: { readonly signal: AbortSignal; readonly correlationId: string },
): Promise<number> {
  const provider = engine.providers[name];
  const targets = fleet.targets.filter((target) => target.provider === name && target.admin === admin);
  if (!provider?.capabilities.list || targets.length === 0) return 0;
  const secrets = await secretsByPrefix(engine, fleet);
  let revoked = 0;
  for (const target of byParams(targets)) {
    options.signal.throwIfAborted();
    const call = await providerCall({ engine, target, provider, signal: options.signal });
    for (const found of await provider.find(call, fleetLabelPrefix(fleet.id))) {
      const [prefix, secret] = [...secrets].find(([start]) => found.label.startsWith(start)) ?? [];
      const version = prefix && labelledVersion(found.label, prefix);
      if (!secret || !version || !oldEnough(engine, found, fleet.orphanAge)) continue;
      const record = secretRecord(engine.store, secret.name);
      const run: Run = {
        engine,
        target: { ...target, name: nameOf(fleet, secret) },
        record,
        provider,
        ...options,
        stage: 'find',
      };
      const rotated = fleet.targets.some((one) => one.secret === secret.name);
      if (!(await isOrphan(run, found, version, rotated))) continue;
      // told first: once it is revoked nobody finds it any more
      await publish(run, ['Orphan Revoked', found.id, { credentialId: found.id }]);
      await provider.revoke?.(call, found);
      revoked += 1;
    }
  }
  return revoked;
}

/** What the labels of each secret of this deployment begin with; of those that left the fleet too. */
async function secretsByPrefix({ store }: Engine, fleet: Fleet): Promise<ReadonlyMap<string, Snapshot>> {
  const secrets = new Map<string, Snapshot>();
  for await (const snapshot of store.list(fleet.id)) secrets.set(labelPrefix(fleet.id, snapshot.arn), snapshot);
  return secrets;
}

/** One target for each place that the account's credentials live in. */
function byParams(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target.params), target])).values()];
}

const oldEnough = ({ clock }: Engine, { issuedAt }: FoundCredential, age = SAFETY_AGE): boolean =>
  issuedAt !== undefined && clock.now().getTime() - issuedAt.getTime() >= Math.max(age, SAFETY_AGE);

const nameOf = ({ targets }: Fleet, { name }: Snapshot): string => targets.find(({ secret }) => secret === name)?.name ?? name;

/**
 * Looks at the secret itself, and uses the version id up, so that nobody can store the credential any more. Not for a secret that left
 * the fleet: nobody stores anything there, and the worker may not either.
 */
async function isOrphan(run: Run, { id }: FoundCredential, version: string, rotated: boolean): Promise<boolean> {
  const { record } = run;
  const known = () => record.ledger.versions.some(({ credential }) => credential?.id === id);
  await record.refresh();
  if (!record.snapshot || record.ledger.deleted || known() || inUse(record.ledger, version)) return false;
  if (!rotated || record.ledger.versions.some((labelled) => labelled.id === version)) return true;
  try {
    if (await burn(run, version)) return true;
  } catch (error) {
    // it stays; the next rotation of its secret, or the next look, finds it
    if (hasCode(error as RekeyError, 'label-limit')) return false;
    throw error;
  }
  await record.refresh();
  return !known();
}
