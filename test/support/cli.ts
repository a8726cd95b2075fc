import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { requireBus } from '../../lib/aws/bus.ts';
import { requestPublisher } from '../../lib/aws/requests.ts';
import type { Context } from '../../lib/cli/context.ts';
import { type Engine, reconcile } from '../../lib/core/reconcile/index.ts';
import { honourRequests } from '../../lib/sandbox/demo/requests.ts';
import type { World } from './world.ts';

/** A client for the bus of a world. */
export const eventBridgeOf = ({ aws }: World) =>
  new EventBridgeClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: aws.requestHandler,
    maxAttempts: 1,
  });

/**
 * The CLI's context over a world. While the CLI sleeps, the world first finishes its pending work.
 */
export function cliContext(world: World, change: Partial<Context> = {}): Context {
  const engine = world.worker();
  const clock: Engine['clock'] = {
    now: world.clock.now,
    async sleep(ms, signal) {
      await world.aws.idle();
      await world.clock.sleep(ms, signal);
    },
  };
  return {
    fleet: { id: 'acme', targets: [world.target] },
    engine: { ...engine, clock },
    print: () => {},
    reconcile: (target) => world.run(world.worker(), target),
    region: 'eu-central-1',
    bus: 'default',
    requireBus: () => requireBus(eventBridgeOf(world), change.bus ?? 'default', 'eu-central-1'),
    publish: requestPublisher(eventBridgeOf(world), 'default', clock),
    correlationId: 'cli-test',
    skew: () => 0,
    ...change,
  };
}

/**
 * Deploys the receivers of requests: a rule on the bus, and a worker behind it. Returns the refused
 * requests.
 */
export async function deployWorker(world: World): Promise<readonly string[]> {
  const refused: string[] = [];
  const { signal } = new AbortController();
  await honourRequests({
    aws: world.aws,
    eventBridge: eventBridgeOf(world),
    bus: 'default',
    fleet: { id: 'acme', targets: [world.target] },
    engine: world.worker(),
    work: (target, correlationId) => reconcile(world.worker(), target, { signal, correlationId }),
    refused: (message) => void refused.push(message),
  });
  return refused;
}
