import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { rotationStep } from '../../../lib/core/reconcile/index.ts';
import type { RotationEvent } from '../../../lib/sandbox/aws/index.ts';
import type { World } from './setup.ts';

const LAMBDA = 'arn:aws:lambda:eu-central-1:000000000000:function:native-rotation';

/** Sets up Secrets Manager's own rotation, with rekey behind its four steps. */
export async function drivenBySecretsManager(world: World) {
  const { aws, secretsManager, target } = world;
  aws.functions.register<RotationEvent>(LAMBDA, ({ Step, ClientRequestToken, RotationToken }) =>
    rotationStep(
      world.worker(),
      target,
      { step: Step, version: ClientRequestToken, rotationToken: RotationToken },
      { signal: new AbortController().signal, correlationId: 'native' },
    ),
  );
  const rotate = (more: object = {}) =>
    secretsManager.send(
      new RotateSecretCommand({ SecretId: target.secret, RotationLambdaARN: LAMBDA, ...more }),
    );
  await rotate({ RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 30 } });
  await aws.idle();
  return {
    /** Calls RotateSecret, as a person or a schedule does. */
    async rotateSecret(): Promise<void> {
      await rotate().catch(() => {});
      await aws.idle();
    },
    /** Runs a worker, and waits until Secrets Manager has done what the worker requested. */
    async work(): Promise<void> {
      await world.run().catch(() => {});
      await aws.idle();
    },
  };
}
