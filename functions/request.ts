import * as z from 'zod';
import { RekeyError } from '../lib/core/errors.ts';
import { inboundTypes, requested } from '../lib/core/events/index.ts';
import { request } from '../lib/core/requests.ts';
import { lazily, log } from './environment.ts';
import type { Message } from './message.ts';

const envelope = z.object({ id: z.string(), 'detail-type': z.enum(inboundTypes), detail: requested });

const wiring = lazily();

/**
 * Somebody put a request on the bus. It is written down on the secret and handed to a worker. A malformed one, or one for a
 * target that is not in the fleet, is an error: it ends in the dead-letter queue and rotates nothing.
 */
export async function handler(event: unknown): Promise<void> {
  const { fleet, engine, queue } = wiring();
  const parsed = envelope.safeParse(event);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'the whole event').join(', ');
    throw new RekeyError('bad-fleet', `the request is malformed: check ${fields}`);
  }
  const { id, 'detail-type': type, detail } = parsed.data;
  const target = fleet.targets.find(({ name }) => name === detail.target);
  if (!target) throw new RekeyError('bad-fleet', `there is no target of the name in the request in the fleet ${fleet.id}`);
  await request(engine.store, engine.clock, type, target);
  const body: Message = { target: target.name, correlationId: detail.correlationId ?? `request-${id}` };
  await queue.send([{ group: target.name, deduplicationId: id, body: JSON.stringify(body) }]);
  log('INFO', { target: target.name, request: type });
}
