import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { type Engine, rotationStep, rotationSteps } from '../../../lib/core/reconcile/index.ts';
import type { RotationEvent } from '../../../lib/sandbox/aws/index.ts';
import { Crash, type Fuse } from './effects.ts';
import type { World } from './world.ts';

/** The deed of a person who starts Secrets Manager's rotation. */
export const ROTATE = 'rotate-secret';

const LAMBDA = 'arn:aws:lambda:eu-central-1:000000000000:function:native-rotation';

/** Runs the four steps for this version in another process, and never returns. */
type Elsewhere = (version: string) => Promise<void>;

export type Native = Awaited<ReturnType<typeof openNative>>;

/** Runs the four steps, in one process as long as it lives. */
export const fourSteps = async (engine: Engine, target: Target, version: string): Promise<void> => {
  for (const step of rotationSteps) await oneStep(engine, target, { step, version });
};

const oneStep = (engine: Engine, target: Target, order: Parameters<typeof rotationStep>[2]) =>
  rotationStep(engine, target, order, {
    signal: new AbortController().signal,
    correlationId: 'crash-matrix',
  });

/**
 * The function that Secrets Manager calls. It can die like any worker. Secrets Manager runs on its
 * own, so this function waits for `settle` before each call. The same scenario then makes the same
 * calls in the same order.
 */
export async function openNative(
  { aws, secretsManager, target }: World,
  fuse: Fuse,
  engine: () => Engine,
  shown: unknown[],
) {
  let gate = Promise.withResolvers<void>();
  let death = Promise.withResolvers<void>();
  let warm: Engine | undefined;
  let outOfOrder = false;
  let elsewhere: Elsewhere | undefined;
  /** An error that no function may end with. */
  let problem: unknown;

  async function invoke({
    Step: step,
    ClientRequestToken: version,
    RotationToken: rotationToken,
  }: RotationEvent): Promise<void> {
    await gate.promise;
    if (outOfOrder) throw new Crash('out of order');
    warm ??= engine();
    if (!elsewhere) return oneStep(warm, target, { step, version, rotationToken });
    await elsewhere(version);
    throw new Crash('killed');
  }

  aws.functions.register<RotationEvent>(LAMBDA, async (event) => {
    let dead = false;
    try {
      await invoke(event);
    } catch (error) {
      shown.push(error);
      dead = error instanceof Crash && !outOfOrder;
      if (!(error instanceof Crash || error instanceof RekeyError)) problem ??= error;
      throw error;
    } finally {
      if (dead || (fuse.died && !outOfOrder)) {
        // the next call belongs to another process, and starts when it is allowed to
        warm = undefined;
        elsewhere = undefined;
        gate = Promise.withResolvers();
        death.resolve();
      }
    }
  });

  /** Lets Secrets Manager work until it is done or the function dies. */
  async function settle(): Promise<void> {
    death = Promise.withResolvers();
    gate.resolve();
    await Promise.race([aws.idle(), death.promise]);
    gate = Promise.withResolvers();
    warm = undefined;
    if (problem) throw problem;
    if (fuse.died) throw new Crash('dead');
  }

  /** Fails the remaining attempts of Secrets Manager. */
  async function giveUp(): Promise<void> {
    outOfOrder = true;
    gate.resolve();
    await aws.idle();
    gate = Promise.withResolvers();
    outOfOrder = false;
  }

  const rotate = (more: object = {}) =>
    secretsManager.send(
      new RotateSecretCommand({ SecretId: target.secret, RotationLambdaARN: LAMBDA, ...more }),
    );

  await rotate({ RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 30 } });
  await settle();
  return {
    settle,
    giveUp,
    /** A person starts a rotation. A half-done rotation continues. */
    async rotate(by?: Elsewhere): Promise<void> {
      elsewhere = by;
      await rotate().catch((error: unknown) => {
        shown.push(error);
        if (!(error instanceof Error) || error.name !== 'InvalidRequestException') throw error;
      });
      await settle();
    },
  };
}
