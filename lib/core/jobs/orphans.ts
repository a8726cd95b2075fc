import { hasCode, RekeyError } from '../errors.ts';
import type { AdminAccount } from '../fleet/admin-account.ts';
import type { Fleet, Target } from '../fleet/target.ts';
import { fleetLabelPrefix, labeledVersion, labelPrefix, successors } from '../ids/label.ts';
import { LABEL_LIMIT, labels } from '../ledger/index.ts';
import { type SecretRecord, secretRecord } from '../ledger/record.ts';
import type { Snapshot } from '../ports.ts';
import type { FoundCredential, Provider } from '../provider.ts';
import { providerCall } from '../reconcile/call.ts';
import type { Engine } from '../reconcile/engine.ts';
import { attemptOf, inUse, placeholder, SAFETY_AGE } from '../reconcile/own-orphans.ts';
import { publish } from '../reconcile/publish.ts';

export { SAFETY_AGE };

/** The result of an orphan scan. */
export interface Orphans {
  readonly revoked: number;
  /** Orphans that are still alive, because the provider did not revoke them. */
  readonly failed: readonly { readonly credentialId: string; readonly error: RekeyError }[];
}

interface Options {
  readonly signal: AbortSignal;
  readonly correlationId: string;
}

/**
 * Scans one admin account, and revokes its orphans: credentials with a label of this fleet and of
 * one of its secrets, which no version of that secret knows. Other credentials are left alone:
 * foreign ones, those of other fleets, and those of secrets that this deployment does not have. So
 * are credentials without an age, or younger than the safety age: the next rotation of their secret
 * finds them. An orphan that cannot be revoked does not keep the others alive.
 */
export async function revokeOrphans(
  engine: Engine,
  fleet: Fleet,
  account: AdminAccount,
  options: Options,
): Promise<Orphans> {
  const provider = engine.providers[account.provider];
  const places = placesOf(fleet, account);
  const failed: { credentialId: string; error: RekeyError }[] = [];
  let revoked = 0;
  if (!provider?.find || places.length === 0) return { revoked, failed };
  const secrets = await secretsByPrefix(engine, fleet, options.signal);
  for (const target of places) {
    options.signal.throwIfAborted();
    const call = await providerCall({ engine, target, provider, signal: options.signal });
    for (const found of await provider.find(call, { prefix: fleetLabelPrefix(fleet.id) })) {
      options.signal.throwIfAborted();
      const [prefix, secret] = [...secrets].find(([start]) => found.label.startsWith(start)) ?? [];
      const version = prefix && labeledVersion(found.label, prefix);
      if (!secret || !version || !oldEnough(engine, found, fleet.orphanAge)) continue;
      const record = secretRecord(engine.store, secret.name, options.signal);
      if (
        !(await isOrphan(record, found, version, provider, engine.clock.now()).catch(
          unlessForbidden,
        ))
      )
        continue;
      const run = {
        engine,
        target: { ...target, name: nameOf(fleet, secret) },
        record,
        provider,
        ...options,
        progress: {},
      };
      try {
        await provider.revoke?.(call, found);
      } catch (error) {
        // no other call would succeed either
        if (
          !(error instanceof RekeyError) ||
          hasCode(error, 'admin-refused', 'throttled', 'unreachable')
        )
          throw error;
        failed.push({ credentialId: found.id, error });
        continue;
      }
      await publish(run, ['Orphan Revoked', found.id, { credentialId: found.id }]);
      revoked += 1;
    }
  }
  return { revoked, failed };
}

/** Skips the orphans of a secret that left the fleet: rekey may no longer write to it. */
function unlessForbidden(error: unknown): boolean {
  if (hasCode(error, 'forbidden', 'label-limit')) return false;
  throw error;
}

/** The label prefix of each secret of this deployment, including secrets that left the fleet. */
async function secretsByPrefix(
  { store }: Engine,
  fleet: Fleet,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Snapshot>> {
  const secrets = new Map<string, Snapshot>();
  for await (const snapshot of store.list(fleet.id, signal))
    secrets.set(labelPrefix(fleet.id, snapshot.arn), snapshot);
  return secrets;
}

/**
 * One target for each place where the account's credentials live, or lived before their target
 * moved.
 */
function placesOf({ targets }: Fleet, { provider, admin }: AdminAccount): readonly Target[] {
  const here = targets
    .flatMap((target) => [
      target,
      ...(target.former ?? []).map((former) => ({ ...target, ...former })),
    ])
    .filter((target) => target.provider === provider && target.admin === admin);
  return [...new Map(here.map((target) => [JSON.stringify(target.params), target])).values()];
}

const oldEnough = ({ clock }: Engine, { issuedAt }: FoundCredential, age = SAFETY_AGE): boolean =>
  issuedAt !== undefined && clock.now().getTime() - issuedAt.getTime() >= Math.max(age, SAFETY_AGE);

const nameOf = ({ targets }: Fleet, { name }: Snapshot): string =>
  targets.find(({ secret }) => secret === name)?.name ?? name;

/**
 * True if no version of the secret knows the credential. Reads the secret again, right before a
 * revocation. The version id is not used up: no worker lives as long as the safety age, so none can
 * be about to store the credential, and a planted credential costs the secret neither a label nor a
 * version.
 */
async function isOrphan(
  record: SecretRecord,
  { id }: FoundCredential,
  version: string,
  { capabilities }: Provider,
  now: Date,
): Promise<boolean> {
  await record.refresh();
  if (!record.snapshot || record.ledger.deleted || inUse(record.ledger, version)) return false;
  const { current, versions, free } = record.ledger;
  if (versions.some(({ credential }) => credential?.id === id)) return false;
  if (
    !capabilities.readAgain ||
    versions.some((labelled) => labelled.id === version && labelled.used)
  )
    return true;
  const { arn } = record.ledger;
  if (!successors(arn, current?.id ?? '', current?.backoff?.failures).has(version)) return true;
  // the next rotation gets this credential again, at any age, and a worker may be about to store
  // it, unless its id is used up
  if (free < LABEL_LIMIT / 2) return false;
  const attempt = attemptOf(record.ledger, version);
  return (
    (await record.put(version, placeholder, [labels.used(version, now, attempt)])) === 'stored'
  );
}
