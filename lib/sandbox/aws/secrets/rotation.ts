import * as z from 'zod';
import { type Account, now, randomId } from '../account.ts';
import { AwsError, invalidParameter, invalidRequest } from '../aws-error.ts';
import type { Background } from '../background.ts';
import type { Functions, RotationEvent } from '../functions.ts';
import { operation } from '../operation.ts';
import type { SecretState } from '../state.ts';
import { findWritable, secretId } from './secret.ts';
import { attached, CURRENT, checkLimit, commit, PENDING, removed, stagesOf } from './stages.ts';
import { addVersion, checkToken } from './versions.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** Pauses before Secrets Manager retries a failed rotation, from the first step. */
const retryAfter = [1000, 2000, 4000];

/** The parts that a rotation needs after RotateSecret was answered. */
export interface RotationWiring {
  readonly functions: Functions;
  readonly background: Background;
  /** Called after a change that no request waits for. */
  readonly changed: () => Promise<void>;
}

const rules = z.object({
  AutomaticallyAfterDays: z.int().min(1).max(1000).optional(),
  Duration: z.string().optional(),
  ScheduleExpression: z.string().min(1).max(256).optional(),
});

/**
 * RotateSecret: attaches AWSPENDING, answers, and calls the rotation function in the background.
 * Throws InvalidRequestException without a function or while an earlier rotation is unfinished, and
 * AccessDeniedException for a function that is not registered.
 */
export function rotateSecret(account: Account, wiring: RotationWiring) {
  const underWay = new Set<string>();
  function start(rotation: Rotation, work: typeof rotate): void {
    if (underWay.has(rotation.token)) return;
    underWay.add(rotation.token);
    wiring.background.start((signal) =>
      work(rotation, signal).finally(() => underWay.delete(rotation.token)),
    );
  }
  return operation(
    z.object({
      SecretId: secretId,
      ClientRequestToken: z.string().optional(),
      RotationLambdaARN: z.string().max(2048).optional(),
      RotationRules: rules.optional(),
      RotateImmediately: z.boolean().default(true),
    }),
    (input) => {
      const token = checkToken(input.ClientRequestToken, invalidParameter);
      const secret = findWritable(account, input.SecretId);
      const lambdaArn = input.RotationLambdaARN ?? secret.rotation?.lambdaArn;
      if (lambdaArn === undefined)
        throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
      if (!wiring.functions.has(lambdaArn)) {
        throw new AwsError(
          'AccessDeniedException',
          'Secrets Manager cannot invoke the specified Lambda function.',
        );
      }
      const rotation = (id: string) => ({ account, wiring, secret, lambdaArn, token: id });
      const unfinished = pendingElsewhere(secret);
      if (unfinished !== undefined) {
        start(rotation(unfinished), rotate);
        throw invalidRequest(
          "A previous rotation isn't complete. That rotation will be reattempted.",
        );
      }
      const answer = { ARN: secret.arn, Name: secret.name };
      const wasCurrent = stagesOf(secret).get(CURRENT) === token;
      if (!wasCurrent) stagePending(account, secret, token);
      secret.rotation = {
        enabled: true,
        lambdaArn,
        rules: input.RotationRules ?? secret.rotation?.rules ?? {},
      };
      if (wasCurrent) return { ...answer, VersionId: token };
      start(rotation(token), input.RotateImmediately ? rotate : testOnly);
      return { ...answer, ...(input.RotateImmediately && { VersionId: token }) };
    },
  );
}

/**
 * CancelRotateSecret: turns rotation off, so a failed rotation is not retried. Throws
 * InvalidRequestException for a secret without rotation.
 */
export const cancelRotateSecret = (account: Account) =>
  operation(z.object({ SecretId: secretId }), ({ SecretId }) => {
    const secret = findWritable(account, SecretId);
    if (!secret.rotation)
      throw invalidRequest("You can't cancel rotation on a secret that isn't set up for it.");
    // a running rotation is left as it is: its labels stay, as at AWS
    secret.rotation = { ...secret.rotation, enabled: false };
    return { ARN: secret.arn, Name: secret.name, VersionId: pendingElsewhere(secret) };
  });

function pendingElsewhere(secret: SecretState): string | undefined {
  const stages = stagesOf(secret);
  const pending = stages.get(PENDING);
  return pending === stages.get(CURRENT) ? undefined : pending;
}

function stagePending(account: Account, secret: SecretState, token: string): void {
  const before = stagesOf(secret);
  const after = attached(before, PENDING, token);
  checkLimit(before, after);
  if (!secret.versions.some(({ id }) => id === token)) addVersion(secret, token, now(account));
  commit(secret, after, now(account));
}

interface Rotation {
  readonly account: Account;
  readonly wiring: RotationWiring;
  readonly secret: SecretState;
  readonly lambdaArn: string;
  readonly token: string;
}

/**
 * Runs all four steps. After a failure it repeats all of them, a few times. A final failure leaves
 * AWSPENDING in place.
 */
async function rotate(rotation: Rotation, signal: AbortSignal): Promise<void> {
  const { account, wiring, secret } = rotation;
  for (const delay of [...retryAfter, undefined]) {
    if (!secret.rotation?.enabled) return;
    if (await succeeds(rotation, steps)) {
      secret.rotatedAt = now(account);
      return wiring.changed();
    }
    if (delay === undefined) return;
    await account.clock.sleep(delay, signal);
  }
}

/**
 * RotateSecret without immediate rotation: runs the test step on a version that is then abandoned.
 */
async function testOnly(rotation: Rotation): Promise<void> {
  const { account, wiring, secret } = rotation;
  await succeeds(rotation, ['testSecret']);
  if (stagesOf(secret).get(PENDING) === rotation.token)
    commit(secret, removed(stagesOf(secret), PENDING), now(account));
  return wiring.changed();
}

async function succeeds(
  rotation: Rotation,
  wanted: readonly RotationEvent['Step'][],
): Promise<boolean> {
  const { account, wiring, secret, lambdaArn, token } = rotation;
  try {
    for (const Step of wanted) {
      const event: RotationEvent = {
        Step,
        SecretId: secret.arn,
        ClientRequestToken: token,
        RotationToken: randomId(account),
      };
      await wiring.functions.invoke(lambdaArn, event);
    }
    return true;
  } catch {
    return false;
  }
}
