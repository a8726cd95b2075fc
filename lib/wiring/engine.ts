import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { eventBridgeSink } from '../aws/event-sink.ts';
import { secretsManagerStore } from '../aws/secret-store.ts';
import type { Network, Providers } from '../core/fleet/index.ts';
import type { Clock } from '../core/ports.ts';
import { type Engine, rememberedAdmins } from '../core/reconcile/index.ts';
import { createHttp } from '../http/client.ts';
import { LOOPBACK } from '../http/guard.ts';
import { providers as builtIn } from '../providers/index.ts';
import { createRegistryCheck } from '../registry/check.ts';
import { realClock } from './clock.ts';

/** The connections of an engine, and optional observers. */
export interface Connections {
  readonly secretsManager: SecretsManagerClient;
  readonly eventBridge: EventBridgeClient;
  /** Name or ARN of the event bus. */
  readonly bus: string;
  /** @default those of rekey */
  readonly providers?: Providers;
  /** @default the real time */
  readonly clock?: Clock;
  readonly endpoints?: Engine['endpoints'];
  /** Addresses and authorities that are allowed in addition to public ones. @default none */
  readonly network?: Network | undefined;
  /** Ends every call to AWS, except a call that stores a value. @default none */
  readonly signal?: AbortSignal | undefined;
  readonly observe?: Engine['observe'];
  readonly called?: Engine['called'];
  readonly traced?: Engine['traced'];
}

/** Creates the engine from SDK clients: the same one for the functions, the CLI and the demo. */
export function createEngine({
  secretsManager,
  eventBridge,
  bus,
  providers = builtIn,
  clock = realClock,
  network,
  signal,
  ...others
}: Connections): Engine {
  const store = secretsManagerStore(secretsManager, { signal });
  const allow = [...(network?.allow ?? []), ...(simulated(others.endpoints) ? LOOPBACK : [])];
  const http = createHttp({ now: clock.now, sleep: clock.sleep, allow, ca: network?.ca });
  return {
    store,
    events: eventBridgeSink(eventBridge, bus, clock, { signal }),
    registry: createRegistryCheck({ http, now: clock.now }),
    providers,
    http,
    clock,
    admins: rememberedAdmins(store, clock),
    ...others,
  };
}

/** True if an endpoint is on this machine, as those of simulated vendors are. */
const simulated = (endpoints: Engine['endpoints'] = {}): boolean =>
  Object.values(endpoints).some(({ api, registry }) =>
    [api, registry && `https://${registry}`].some(
      (url) => url && /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname),
    ),
  );
