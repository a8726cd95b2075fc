import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { formatLabel } from '../../../lib/core/ids/label.ts';
import { uuidv5 } from '../../../lib/core/ids/uuid.ts';
import type { Ledger } from '../../../lib/core/ledger/index.ts';
import { providerCall } from '../../../lib/core/reconcile/index.ts';
import type { Witness } from './witness.ts';
import { options, type World } from './world.ts';

/*
 * Actions of people who bypass rekey: in the console of Secrets Manager, at the vendor. They do
 * only what AWS permits.
 */

const stage = (
  world: World,
  { secret }: Target,
  label: string,
  move: { from?: string | undefined; to?: string | undefined },
) =>
  world.secretsManager
    .send(
      new UpdateSecretVersionStageCommand({
        SecretId: secret,
        VersionStage: label,
        RemoveFromVersionId: move.from,
        MoveToVersionId: move.to,
      }),
    )
    .catch(() => {});

const pickOf = <Item>(items: readonly Item[], pick: number): Item | undefined =>
  items[pick % Math.max(1, items.length)];

/** A person who moves AWSCURRENT postpones the end of a version that already had one. */
function leave(witness: Witness, target: Target, { current }: Ledger): void {
  if (!current) return;
  witness.of(target.name).left.add(current.id);
  if (current.revokeAfter || current.pending) witness.of(target.name).tampered.add(current.id);
}

export async function foreignLabels(world: World, target: Target, count: number): Promise<void> {
  const { current, versions } = await world.ledger(target);
  for (const { id, labels } of versions) {
    for (const label of labels.filter((one) => one.startsWith('team-')))
      await stage(world, target, label, { from: id });
  }
  for (let index = 0; current && index < count; index++)
    await stage(world, target, `team-${index}`, { to: current.id });
}

export async function valueByHand(world: World, witness: Witness, target: Target): Promise<void> {
  leave(witness, target, await world.ledger(target));
  await world.secretsManager
    .send(new PutSecretValueCommand({ SecretId: target.secret, SecretString: 'by hand' }))
    .catch(() => {});
}

export async function currentByHand(
  world: World,
  witness: Witness,
  target: Target,
  pick: number,
): Promise<void> {
  const ledger = await world.ledger(target);
  const to = pickOf(
    ledger.versions.filter(({ current }) => !current),
    pick,
  );
  if (!to || !ledger.current) return;
  leave(witness, target, ledger);
  witness.of(target.name).tampered.add(to.id);
  await stage(world, target, 'AWSCURRENT', { from: ledger.current.id, to: to.id });
}

export async function labelOff(
  world: World,
  witness: Witness,
  target: Target,
  pick: number,
): Promise<void> {
  const { versions } = await world.ledger(target);
  const all = versions.flatMap(({ id, labels }) =>
    labels.filter((label) => label !== 'AWSCURRENT').map((label) => ({ id, label })),
  );
  const found = pickOf(all, pick);
  if (!found) return;
  witness.of(target.name).tampered.add(found.id);
  witness.of(target.name).editedAt = world.clock.now();
  await stage(world, target, found.label, { from: found.id });
}

/** A person deletes a credential with the admin credential, as in the vendor's console. */
export async function deleteAtVendor(world: World, witness: Witness, pick: number): Promise<void> {
  const { provider, vendor, foreign } = world;
  const live = vendor
    .credentials()
    .filter(({ id, state }) => state === 'enabled' && !foreign.includes(id));
  const found = pickOf(live, pick);
  if (!found || !provider.revoke) return;
  for (const entry of world.entries) {
    // people use the first provider's console
    const target = world.target({ ...entry, moved: false });
    const version = witness.of(entry.name).stored.get(found.id);
    if (!version) continue;
    const login = await world.login(target, version);
    const call = await providerCall({
      engine: world.worker(),
      target,
      provider,
      signal: options().signal,
    });
    witness.killed.add(found.id);
    await provider.revoke(call, { ...login, id: found.id });
  }
}

export async function rotateSecret(world: World, { secret }: Target): Promise<void> {
  await world.secretsManager.send(new RotateSecretCommand({ SecretId: secret })).catch(() => {});
  await world.aws.idle();
}

/** Foreign credentials fill the account, if the vendor has room for only a few. */
export function fillAccount({ provider, vendor, foreign, plant }: World): void {
  const { liveAtOnce } = provider.capabilities;
  const alive = vendor
    .credentials()
    .filter(({ state }) => state === 'enabled' || state === 'disabled');
  if (provider.find && alive.length < liveAtOnce && liveAtOnce < 10) foreign.push(plant('by-hand'));
}

/** Removes the foreign credentials again. */
export async function leaveAccount(world: World, witness: Witness): Promise<void> {
  const { provider, foreign, entries } = world;
  const [entry] = entries;
  if (provider.capabilities.liveAtOnce > 10 || !entry) return;
  for (const id of foreign.splice(0)) {
    witness.killed.add(id);
    const call = await providerCall({
      engine: world.worker(),
      target: world.target(entry),
      provider,
      signal: options().signal,
    });
    await provider.revoke?.(call, { id });
  }
}

/** Only if a foreign credential is possible, and if rekey scans there. */
export async function lookAlikes(world: World, target: Target, count: number): Promise<void> {
  const { provider } = world;
  if (!provider.find || provider.capabilities.liveAtOnce < 1000 || world.lookAlikes.size > 0)
    return;
  const { arn } = await world.ledger(target);
  for (let index = 0; index < count; index++)
    world.lookAlikes.add(
      world.plant(formatLabel(target.fleet, arn, uuidv5(['look-alike', String(index)]))),
    );
}
