import { setTimeout as delay } from 'node:timers/promises';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { eventBridgeSink } from './aws/event-sink.ts';
import { secretsManagerStore } from './aws/secret-store.ts';
import type { Clock } from './core/ports.ts';
import { type Engine, rememberedAdmins } from './core/reconcile/index.ts';
import { SECOND } from './core/time.ts';
import { createHttp } from './http/client.ts';
import { providers } from './providers/index.ts';
import { createRegistryCheck } from './registry/check.ts';

export interface Connections {
  readonly secretsManager: SecretsManagerClient;
  readonly eventBridge: EventBridgeClient;
  /** Name or ARN of the bus the events go to. */
  readonly bus: string;
  /** @default the real time */
  readonly clock?: Clock;
  readonly endpoints?: Engine['endpoints'];
  readonly observe?: Engine['observe'];
}

/** For SDK clients: calls are bounded, since what one worker may still be sending another must not undo. */
export const boundedCalls = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3 * SECOND, requestTimeout: 10 * SECOND },
} as const;

export const realClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};

/** Puts the engine together from SDK clients: the same for the functions, the CLI and the demonstration. */
export function createEngine({ secretsManager, eventBridge, bus, clock = realClock, endpoints, observe }: Connections): Engine {
  const store = secretsManagerStore(secretsManager);
  const http = createHttp({ now: clock.now, sleep: clock.sleep });
  return {
    store,
    events: eventBridgeSink(eventBridge, bus, clock),
    registry: createRegistryCheck({ http }),
    providers,
    http,
    clock,
    admins: rememberedAdmins(store, clock),
    ...(endpoints && { endpoints }),
    ...(observe && { observe }),
  };
}
