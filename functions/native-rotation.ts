import * as z from 'zod/mini';
import { RekeyError } from '../lib/core/errors.ts';
import { rotationStep, rotationSteps } from '../lib/core/reconcile/index.ts';
import { SECOND } from '../lib/core/time.ts';
import { once } from './shared/environment.ts';
import { guarded, type LambdaContext, logFor } from './shared/log.ts';
import { wireWorker } from './shared/worker.ts';

/** What Secrets Manager sends; `SecretId` is an ARN. */
const rotationEvent = z.object({
  Step: z.enum(rotationSteps),
  SecretId: z.string(),
  ClientRequestToken: z.string().check(z.minLength(32), z.maxLength(64)),
  RotationToken: z.optional(z.string()),
});

/** Kept back so that a step ends, and tells why, before Lambda ends the function. */
const RESERVE = 5 * SECOND;

const wiring = once(wireWorker);

/** Secrets Manager adds six characters of its own to the name. */
const isArnOf = (arn: string, secret: string): boolean =>
  arn.replace(/-[^-]{6}$/, '').endsWith(`:secret:${secret}`);

/** Secrets Manager rotates a target whose driver it is: one step a call. */
export const handler = guarded(async (event: unknown, context: LambdaContext): Promise<void> => {
  const parsed = rotationEvent.safeParse(event);
  if (!parsed.success)
    throw new RekeyError('bad-fleet', 'the event is none of Secrets Manager’s rotation');
  const {
    Step: step,
    SecretId,
    ClientRequestToken: version,
    RotationToken: rotationToken,
  } = parsed.data;
  const correlationId = `rotation-${version}`;
  logFor(context, { correlationId });
  const { fleet, engine, dryRun } = wiring();
  if (dryRun)
    throw new RekeyError('bad-fleet', `the fleet ${fleet.id} is in a dry run: nothing is rotated`);
  const target = fleet.targets.find(
    ({ secret, driver }) => driver === 'secrets-manager' && isArnOf(SecretId, secret),
  );
  if (!target)
    throw new RekeyError(
      'bad-fleet',
      `the secret is no target of ${fleet.id} that Secrets Manager drives`,
    );
  const left = context.getRemainingTimeInMillis() - RESERVE;
  if (left <= 0) throw new RekeyError('aws-failed', `${target.name}: no time is left for the step`);
  const signal = AbortSignal.timeout(left);
  await rotationStep(engine, target, { step, version, rotationToken }, { signal, correlationId });
});
