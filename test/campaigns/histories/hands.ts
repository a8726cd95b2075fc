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

/* What people do past rekey: in the console of Secrets Manager, at the vendor. What AWS does not let them do, they do not. */

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

/** Somebody who moves AWSCURRENT gives an older end to what had one already. */
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

/** With the admin credential, by a person, as the vendor's console would do it. */
export async function deleteAtVendor(world: World, witness: Witness, pick: number): Promise<void> {
  const { provider, vendor, removed } = world;
  const live = vendor
    .credentials()
    .filter(({ id, state }) => state === 'enabled' && !removed.includes(id));
  const found = pickOf(live, pick);
  if (!found || !provider.revoke) return;
  for (const entry of world.entries) {
    // people know the first provider's console
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

/** Others take the room that a vendor leaves, if it leaves little. */
export function fillAccount({ provider, vendor, removed, plant }: World): void {
  const { liveAtOnce } = provider.capabilities;
  const alive = vendor
    .credentials()
    .filter(({ state }) => state === 'enabled' || state === 'disabled');
  if (provider.find && alive.length < liveAtOnce && liveAtOnce < 10) removed.push(plant('by-hand'));
}

/** And give it back. */
export async function leaveAccount(world: World, witness: Witness): Promise<void> {
  const { provider, removed, entries } = world;
  const [entry] = entries;
  if (provider.capabilities.liveAtOnce > 10 || !entry) return;
  for (const id of removed.splice(0)) {
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

/** Only where somebody else could make one, and where rekey looks. */
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
