import * as z from 'zod/mini';
import { RekeyError } from '../lib/core/errors.ts';
import { rotationStep, rotationSteps } from '../lib/core/reconcile/index.ts';
import { SECOND } from '../lib/core/time.ts';
import { once } from './shared/environment.ts';
import { guarded, type LambdaContext, logFor } from './shared/log.ts';
import { wireWorker } from './shared/worker.ts';

/** The event that Secrets Manager sends; `SecretId` is an ARN. */
const rotationEvent = z.object({
  Step: z.enum(rotationSteps),
  SecretId: z.string(),
  ClientRequestToken: z.string().check(z.minLength(32), z.maxLength(64)),
  RotationToken: z.optional(z.string()),
});

/** Reserved so that a step ends, and logs why, before Lambda ends the function. */
const RESERVE = 5 * SECOND;

const wiring = once(wireWorker);

/** Secrets Manager appends a hyphen and six characters to the name. */
const isArnOf = (arn: string, secret: string): boolean =>
  arn.replace(/-[^-]{6}$/, '').endsWith(`:secret:${secret}`);

/** Rotates a target that Secrets Manager drives: one step per call. */
export const handler = guarded(async (event: unknown, context: LambdaContext): Promise<void> => {
  const parsed = rotationEvent.safeParse(event);
  if (!parsed.success)
    throw new RekeyError('bad-fleet', 'the event is not a rotation event of Secrets Manager');
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
    throw new RekeyError('bad-fleet', `the fleet ${fleet.id} is in a dry run; it rotates nothing`);
  const target = fleet.targets.find(
    ({ secret, driver }) => driver === 'secrets-manager' && isArnOf(SecretId, secret),
  );
  if (!target)
    throw new RekeyError(
      'bad-fleet',
      `no target of ${fleet.id} that Secrets Manager drives has this secret`,
    );
  const left = context.getRemainingTimeInMillis() - RESERVE;
  if (left <= 0) throw new RekeyError('aws-failed', `${target.name}: no time left for the step`);
  const signal = AbortSignal.timeout(left);
  await rotationStep(engine, target, { step, version, rotationToken }, { signal, correlationId });
});
