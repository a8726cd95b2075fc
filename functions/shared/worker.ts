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
import { traced } from './trace.ts';

export interface Worker {
  readonly fleet: Fleet;
  readonly engine: Engine;
  /** Announce what is due, and touch nothing. */
  readonly dryRun: boolean;
}

/**
 * The engine of a function that rotates: its steps, calls and orphans are logged, counted and
 * traced.
 */
export function wireWorker(): Worker {
  const env = readEnvironment('REKEY_FLEET', 'REKEY_FLEET_SHA256', 'REKEY_BUS', 'REKEY_DRY_RUN');
  const endpoints = simulatedEndpoints();
  const fleet = readFleet(env);
  const engine = createEngine({
    secretsManager: new SecretsManagerClient(boundedCalls),
    eventBridge: new EventBridgeClient(boundedCalls),
    bus: env.REKEY_BUS,
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

/** A line for each step: what, of which target, why, and the class of what went wrong. */
function observe(step: Step): void {
  const { target, decision, error, correlationId } = step;
  const { action, reason } = decision;
  // of whoever asked for this step, as its events have it: another than that of the message, where
  // the message only came by
  const whose = correlationId && { correlationId };
  const fields = { target: target.name, provider: target.provider, action, reason, ...whose };
  if (error)
    logger.error(error.message, { ...fields, errorClass: error.code, retryable: error.retryable });
  else logger.info(`${target.name}: ${action}`, fields);
  stepMetrics(step);
}

/** What happens in the middle of other steps is counted by its event. */
const counted = (events: EventSink, fleet: string): EventSink => ({
  async publish(published) {
    await events.publish(published);
    for (const { detailType, detail } of published) {
      if ('provider' in detail.data) eventMetrics(fleet, detailType, detail.data.provider);
    }
  },
});
