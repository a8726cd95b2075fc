import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { boundedCalls } from '../lib/aws/calls.ts';
import { sqsQueue } from '../lib/aws/queue.ts';
import { secretsManagerStore } from '../lib/aws/secret-store.ts';
import { RekeyError } from '../lib/core/errors.ts';
import { type InboundType, inboundTypes, requested } from '../lib/core/events/index.ts';
import { request } from '../lib/core/jobs/requests.ts';
import { realClock } from '../lib/wiring/clock.ts';
import { once, readEnvironment, readFleet } from './shared/environment.ts';
import { guarded, type Invocation, logFor, logger } from './shared/log.ts';
import type { Message } from './shared/message.ts';
import { requestMetrics } from './shared/metrics.ts';
import { traceHeader } from './shared/trace.ts';

// a report of a leak is not refused because its correlation id is invalid: it gets a new one
const detail = requested.extend({ correlationId: requested.shape.correlationId.catch(undefined) });
const envelope = z.object({
  id: z.string().regex(/^[\w-]{1,100}$/),
  'detail-type': z.enum(inboundTypes),
  detail,
});

/**
 * The sender, as EventBridge reports it. A field that is missing or malformed is left out, since
 * all of them only go into the log.
 */
const part = (pattern: RegExp) => z.string().regex(pattern).optional().catch(undefined);
const origin = z.object({
  id: part(/^[\w-]{1,100}$/),
  source: part(/^[ -~]{1,256}$/),
  account: part(/^\d{12}$/),
  time: part(/^[\dTZ:.+-]{10,40}$/),
});

function requesterOf(event: unknown): Readonly<Record<string, string | undefined>> {
  const { id, source, account, time } = origin.safeParse(event).data ?? {};
  return { eventId: id, requestSource: source, requestAccount: account, requestTime: time };
}

const wiring = once(() => {
  const env = readEnvironment('REKEY_FLEET', 'REKEY_FLEET_SHA256', 'REKEY_QUEUE_URL');
  return {
    fleet: readFleet(env),
    store: secretsManagerStore(new SecretsManagerClient(boundedCalls)),
    queue: sqsQueue(new SQSClient(boundedCalls), env.REKEY_QUEUE_URL),
  };
});

/**
 * Takes a request off the bus, records it on the secret and hands it to a worker. Throws if the
 * request is malformed or its target is not in the fleet: then it ends in the dead-letter queue and
 * rotates nothing.
 */
export const handler = guarded(
  async (event: unknown, invocation: Invocation | undefined): Promise<void> => {
    const requester = requesterOf(event);
    logFor(invocation, requester);
    const { fleet, store, queue } = wiring();
    const parsed = envelope.safeParse(event);
    if (!parsed.success) {
      const fields = parsed.error.issues
        .map(({ path }) => path.join('.') || 'the event itself')
        .join(', ');
      throw new RekeyError('bad-fleet', `the request is malformed: check ${fields}`);
    }
    const { id, 'detail-type': type, detail } = parsed.data;
    const target = fleet.targets.find(({ name }) => name === detail.target);
    if (!target)
      throw new RekeyError(
        'bad-fleet',
        `the fleet ${fleet.id} has no target with the name in the request`,
      );
    const correlationId = detail.correlationId ?? `request-${id}`;
    logFor(invocation, { ...requester, correlationId });
    // a worker refuses what cannot be done, with an event: the sender reads the bus, not a log
    await request(store, realClock, type, target, correlationId, { toBeRefused: true });
    const body: Message = { target: target.name, request: true, correlationId };
    await queue.send(
      [{ group: groupOf(target.name, type), deduplicationId: id, body: JSON.stringify(body) }],
      traceHeader(),
    );
    logger.info(`${target.name}: ${type}`, { target: target.name, request: type });
    requestMetrics(fleet.id, type);
  },
);

/**
 * A message group per target and type of request. An urgent request waits neither for messages of
 * the sweep, nor for another request that is slow or failing. Correctness does not depend on the
 * groups: the ledger keeps two workers apart.
 */
const groupOf = (target: string, type: InboundType): string =>
  `${target}!${type.toLowerCase().replaceAll(' ', '-')}`;
