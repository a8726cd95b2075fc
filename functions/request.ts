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

// a report of a leak is not refused for the sake of a correlation id: it gets one of ours
const detail = requested.extend({ correlationId: requested.shape.correlationId.catch(undefined) });
const envelope = z.object({
  id: z.string().regex(/^[\w-]{1,100}$/),
  'detail-type': z.enum(inboundTypes),
  detail,
});

/**
 * Who asked, as EventBridge has it. What it does not say, or not as it should, is left out: it only
 * goes into the log.
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
 * Somebody put a request on the bus. It is written down on the secret and handed to a worker. A
 * malformed one, or one for a target that is not in the fleet, is an error: it ends in the
 * dead-letter queue and rotates nothing.
 */
export const handler = guarded(
  async (event: unknown, invocation: Invocation | undefined): Promise<void> => {
    const requester = requesterOf(event);
    logFor(invocation, requester);
    const { fleet, store, queue } = wiring();
    const parsed = envelope.safeParse(event);
    if (!parsed.success) {
      const fields = parsed.error.issues
        .map(({ path }) => path.join('.') || 'the whole event')
        .join(', ');
      throw new RekeyError('bad-fleet', `the request is malformed: check ${fields}`);
    }
    const { id, 'detail-type': type, detail } = parsed.data;
    const target = fleet.targets.find(({ name }) => name === detail.target);
    if (!target)
      throw new RekeyError(
        'bad-fleet',
        `there is no target of the name in the request in the fleet ${fleet.id}`,
      );
    const correlationId = detail.correlationId ?? `request-${id}`;
    logFor(invocation, { ...requester, correlationId });
    // what cannot be done is refused by a worker, with an event: whoever asked on the bus reads the
    // bus
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
 * A group for each target and type of request: what is urgent waits neither for what the sweep
 * sent, nor for another request that is slow or failing. The ledger keeps two workers apart; the
 * order is for peace alone.
 */
const groupOf = (target: string, type: InboundType): string =>
  `${target}!${type.toLowerCase().replaceAll(' ', '-')}`;
