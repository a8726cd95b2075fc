import {
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import { providerCall, reconcile } from '../../../lib/core/reconcile/index.ts';
import { current, type World } from './setup.ts';

/* Actions of people and other tools on the secret of a target. */

const label = (
  { secretsManager, target }: World,
  VersionStage: string,
  move: { from?: string; to?: string },
) =>
  secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId: target.secret,
      VersionStage,
      RemoveFromVersionId: move.from,
      MoveToVersionId: move.to,
    }),
  );

/** Revokes the credential of AWSCURRENT at the vendor, as a person would. */
export async function endedByHand(world: World): Promise<void> {
  const engine = world.worker();
  const { target } = world;
  const provider = engine.providers[target.provider];
  const { id, credential } = await current(world);
  const value = await engine.store.read(target.secret, id);
  if (!provider?.revoke || !credential || !value) throw new Error('nothing to revoke');
  const { signal } = new AbortController();
  const call = await providerCall({ engine, target, provider, signal });
  await provider.revoke(call, { ...parseValue(value), id: credential.id });
}

/** Runs a worker that checks the current credential, as a sweep has it do once an hour. */
export const checked = (world: World, engine = world.worker()) =>
  reconcile(engine, world.target, {
    signal: new AbortController().signal,
    correlationId: 'test',
    checked: true,
  });

export const valueByHand = ({ secretsManager, target }: World) =>
  secretsManager.send(
    new PutSecretValueCommand({ SecretId: target.secret, SecretString: '{"by":"hand"}' }),
  );

/** Moves AWSCURRENT to another version. */
export const currentByHand = async (world: World, to: string) =>
  label(world, 'AWSCURRENT', { from: (await current(world)).id, to });

const foreign = (index: number) => `release-${index}`;

/** Adds `count` labels of another tool to the current version, or as many as fit. */
export async function hostileLabels(world: World, count: number): Promise<void> {
  const { id } = await current(world);
  for (let index = 0; index < count; index++)
    await label(world, foreign(index), { to: id }).catch(() => {});
}

export async function takeLabelsOff(world: World): Promise<void> {
  for (const { id, labels } of (await world.ledger()).versions) {
    for (const name of labels.filter((one) => one.startsWith('release-')))
      await label(world, name, { from: id });
  }
}
