import {
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import { RekeyError } from '../../core/errors.ts';
import { inboundTypes, requested } from '../../core/events/index.ts';
import type { Fleet, Target } from '../../core/fleet/index.ts';
import { request } from '../../core/jobs/requests.ts';
import type { Engine } from '../../core/reconcile/index.ts';
import type { EmbeddedAws } from '../aws/index.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:000000000000:function:rekey-request';
const envelope = z.object({
  id: z.string(),
  'detail-type': z.enum(inboundTypes),
  detail: requested,
});

interface Desk {
  readonly aws: EmbeddedAws;
  readonly eventBridge: EventBridgeClient;
  readonly bus: string;
  readonly fleet: Fleet;
  readonly engine: Pick<Engine, 'store' | 'clock'>;
  /** Hands a target to the workers. */
  readonly work: (target: Target, correlationId: string) => Promise<unknown>;
  /** Called with a request that was refused; at AWS it ends in a queue. */
  readonly refused: (message: string) => void;
}

/**
 * Does the work of the deployed rule and request function: takes requests off the bus, writes them
 * down, and calls a worker.
 */
export async function honourRequests({ aws, eventBridge, bus, ...desk }: Desk): Promise<void> {
  const { fleet, engine, work, refused } = desk;
  aws.functions.register(FUNCTION, async (event) => {
    const { id, 'detail-type': type, detail } = envelope.parse(event);
    const target = fleet.targets.find(({ name }) => name === detail.target);
    if (!target) return refused(`${type}: the fleet ${fleet.id} has no target with that name`);
    const correlationId = detail.correlationId ?? `request-${id}`;
    try {
      await request(engine.store, engine.clock, type, target, correlationId, { toBeRefused: true });
    } catch (error) {
      if (!(error instanceof RekeyError) || error.retryable) throw error;
      return refused(`${type}: ${error.message}`);
    }
    await work(target, correlationId);
  });
  const EventPattern = JSON.stringify({ 'detail-type': inboundTypes });
  await eventBridge.send(new PutRuleCommand({ Name: 'requests', EventBusName: bus, EventPattern }));
  const Targets = [{ Id: 'request', Arn: FUNCTION }];
  await eventBridge.send(new PutTargetsCommand({ Rule: 'requests', EventBusName: bus, Targets }));
}
