import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { boundedCalls } from '../../lib/aws/calls.ts';
import type { Fleet } from '../../lib/core/fleet/target.ts';
import type { EventSink } from '../../lib/core/ports.ts';
import type { Engine, Step } from '../../lib/core/reconcile/index.ts';
import { createEngine } from '../../lib/wiring/engine.ts';
import { simulatedEndpoints } from './endpoints.ts';
import { readEnvironment, readFleet } from './environment.ts';
import { logger } from './log.ts';
import { eventMetrics, stepMetrics, vendorMetrics } from './metrics.ts';
import { knownProviders } from './own-providers.ts';
import { traced } from './trace.ts';

/** A function that rotates, with its dependencies. */
export interface Worker {
  readonly fleet: Fleet;
  readonly engine: Engine;
  /** Announce what is due, but change nothing. */
  readonly dryRun: boolean;
}

/**
 * Creates the engine of a function that rotates, and logs, counts and traces its steps and calls.
 * Throws `bad-fleet` if the environment or the fleet is invalid.
 */
export function wireWorker(): Worker {
  const env = readEnvironment('REKEY_FLEET', 'REKEY_FLEET_SHA256', 'REKEY_BUS', 'REKEY_DRY_RUN');
  const endpoints = simulatedEndpoints();
  const fleet = readFleet(env);
  const engine = createEngine({
    secretsManager: new SecretsManagerClient(boundedCalls),
    eventBridge: new EventBridgeClient(boundedCalls),
    bus: env.REKEY_BUS,
    providers: knownProviders(),
    network: fleet.network,
    observe,
    called: (call) => vendorMetrics(fleet.id, call),
    traced,
    ...(endpoints && { endpoints }),
  });
  return {
    fleet,
    engine: { ...engine, events: counted(engine.events, fleet.id) },
    dryRun: env.REKEY_DRY_RUN,
  };
}

/** Logs each step: target, action, reason, and the class of an error. */
function observe(step: Step): void {
  const { target, decision, error, correlationId } = step;
  const { action, reason } = decision;
  // the correlation id of the request behind this step, as in its events; the message that
  // triggered the step may have another
  const whose = correlationId && { correlationId };
  const fields = { target: target.name, provider: target.provider, action, reason, ...whose };
  if (error)
    logger.error(error.message, { ...fields, errorClass: error.code, retryable: error.retryable });
  else logger.info(`${target.name}: ${action}`, fields);
  stepMetrics(step);
}

/** Counts what happens in the middle of other steps by its events. */
const counted = (events: EventSink, fleet: string): EventSink => ({
  async publish(published) {
    await events.publish(published);
    for (const { detailType, detail } of published) {
      if ('provider' in detail.data) eventMetrics(fleet, detailType, detail.data.provider);
    }
  },
});
