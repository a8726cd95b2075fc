import {
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { current, type World } from './stage.ts';

/* What people, and other tools, do to the secret of a target. */

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

export const valueByHand = ({ secretsManager, target }: World) =>
  secretsManager.send(
    new PutSecretValueCommand({ SecretId: target.secret, SecretString: '{"by":"hand"}' }),
  );

/** AWSCURRENT moves to another version. */
export const currentByHand = async (world: World, to: string) =>
  label(world, 'AWSCURRENT', { from: (await current(world)).id, to });

const foreign = (index: number) => `release-${index}`;

/** Another tool labels the current version with the releases that read it; as many as still fit. */
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
