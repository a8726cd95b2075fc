import { readFileSync } from 'node:fs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type Queue, sqsQueue } from '../lib/aws/queue.ts';
import { RekeyError } from '../lib/core/errors.ts';
import { type Fleet, parseFleet } from '../lib/core/fleet/index.ts';
import type { Engine, Step } from '../lib/core/reconcile/index.ts';
import { boundedCalls, createEngine } from '../lib/engine.ts';
import { providers } from '../lib/providers/index.ts';

const endpoints = z.record(z.string(), z.object({ api: z.url(), registry: z.string() }));

/** What a function is told by its environment: names and places, never a secret. */
const environment = z.object({
  /** The fleet file as JSON, beside the function's code. */
  REKEY_FLEET: z.string('a path to the fleet as JSON').min(1),
  REKEY_BUS: z.string('the name of the event bus').min(1),
  REKEY_QUEUE_URL: z.url('the URL of the work queue'),
  /** Other addresses than the providers' own, as JSON: simulated vendors, proxies. */
  REKEY_ENDPOINTS: z
    .string()
    .transform((text) => endpoints.parse(JSON.parse(text)))
    .optional(),
});

/** What every function works with. */
export interface Wiring {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly queue: Queue;
}

/** Puts a function together at its cold start; all that is wrong with its environment is told at once. */
export function wire(env: NodeJS.ProcessEnv): Wiring {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: expected ${message}`);
    throw new RekeyError('bad-fleet', `the environment of the function is wrong: ${wrong.join('; ')}`);
  }
  const { REKEY_FLEET, REKEY_BUS, REKEY_QUEUE_URL, REKEY_ENDPOINTS } = parsed.data;
  const { fleet, issues } = parseFleet(JSON.parse(readFileSync(REKEY_FLEET, 'utf8')), providers);
  if (!fleet) throw new RekeyError('bad-fleet', `the fleet has ${issues.length} errors; rekey validate tells them`);
  const secretsManager = new SecretsManagerClient(boundedCalls);
  const eventBridge = new EventBridgeClient(boundedCalls);
  const engine = createEngine({
    secretsManager,
    eventBridge,
    bus: REKEY_BUS,
    observe,
    ...(REKEY_ENDPOINTS && { endpoints: REKEY_ENDPOINTS }),
  });
  return { fleet, engine, queue: sqsQueue(new SQSClient(boundedCalls), REKEY_QUEUE_URL) };
}

/** A line of JSON for each step: what, of which target, why, and the class of what went wrong. */
function observe({ target, decision, error }: Step): void {
  const { action, reason } = decision;
  log(error ? 'ERROR' : 'INFO', {
    target: target.name,
    provider: target.provider,
    action,
    reason,
    ...(error && { errorClass: error.code, message: error.message }),
  });
}

export function log(level: 'INFO' | 'WARN' | 'ERROR', fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...fields })}\n`);
}

/** The same wiring for all calls of a warm function. */
export function lazily(): () => Wiring {
  let wiring: Wiring | undefined;
  return () => {
    wiring ??= wire(process.env);
    return wiring;
  };
}
