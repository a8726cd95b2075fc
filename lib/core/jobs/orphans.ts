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

/** What a look for orphans came to. */
export interface Orphans {
  readonly revoked: number;
  /** Those that are still alive, since the provider did not end them. */
  readonly failed: readonly { readonly credentialId: string; readonly error: RekeyError }[];
}

interface Options {
  readonly signal: AbortSignal;
  readonly correlationId: string;
}

/**
 * Revokes the credentials of one admin account that bear a label of this fleet and of one of its
 * secrets, and that no version of that secret knows. Left alone are strangers', other fleets',
 * those of secrets this deployment does not have, and what is younger than the safety age or does
 * not tell its age: the next rotation of its secret finds that. One that cannot be ended does not
 * keep the others alive.
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
        // nothing else would succeed either
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

/** A secret that left the fleet is not written to any more: what lies about there is left. */
function unlessForbidden(error: unknown): boolean {
  if (hasCode(error, 'forbidden', 'label-limit')) return false;
  throw error;
}

/**
 * What the labels of each secret of this deployment begin with; of those that left the fleet too.
 */
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
 * One target for each place that the account's credentials live in, or lived in before their target
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
 * Looks at the secret itself, right before. Its version id is not used up: no worker lives as long
 * as the safety age, so that nobody is about to store it, and a credential that somebody planted
 * costs the secret neither a label nor a version.
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
  // the next rotation is given it again, however old it is: a worker may be about to store it,
  // unless its id is used up
  if (free < LABEL_LIMIT / 2) return false;
  const attempt = attemptOf(record.ledger, version);
  return (
    (await record.put(version, placeholder, [labels.used(version, now, attempt)])) === 'stored'
  );
}
