import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { boundedCalls } from '../lib/aws/calls.ts';
import { sqsQueue } from '../lib/aws/queue.ts';
import { secretsManagerStore } from '../lib/aws/secret-store.ts';
import { type Assigned, type Assignment, assign } from '../lib/core/sweep/assign.ts';
import { type Sweep, sweep } from '../lib/core/sweep/index.ts';
import { measure } from '../lib/core/sweep/measure.ts';
import { realClock } from '../lib/wiring/clock.ts';
import { once, readEnvironment, readFleet } from './shared/environment.ts';
import { guarded, logFor, logger } from './shared/log.ts';
import type { Message } from './shared/message.ts';
import { sweepMetrics } from './shared/metrics.ts';
import { traceHeader } from './shared/trace.ts';

const wiring = once(() => {
  const env = readEnvironment(
    'REKEY_FLEET',
    'REKEY_FLEET_SHA256',
    'REKEY_QUEUE_URL',
    'REKEY_INTERVAL',
  );
  return {
    env,
    fleet: readFleet(env),
    store: secretsManagerStore(new SecretsManagerClient(boundedCalls)),
    queue: sqsQueue(new SQSClient(boundedCalls), env.REKEY_QUEUE_URL),
    clock: realClock,
  };
});

/** Runs on a schedule. Reads the fleet's state and queues due targets; changes nothing. */
export const handler = guarded(
  async (_event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> => {
    const correlationId = `sweep-${awsRequestId}`;
    logFor({ awsRequestId }, { correlationId });
    const { fleet, store, queue, clock, env } = wiring();
    const seen = await sweep({ store, clock }, fleet, env.REKEY_INTERVAL, {
      snapshots: false,
    });
    const assigned = assign(seen, fleet, clock.now(), env.REKEY_INTERVAL);
    const messages = assigned.assignments.map((assignment, index) => {
      const body: Message = { ...assignment, correlationId };
      return {
        group: groupOf(assignment),
        deduplicationId: `${awsRequestId}-${index}`,
        body: JSON.stringify(body),
      };
    });
    await queue.send(messages, traceHeader());
    report(seen, assigned);
  },
);

/** One message group per target, so that two workers never process the same one. */
function groupOf(assignment: Assignment): string {
  if ('target' in assignment) return assignment.target;
  // names of targets are in lower case
  return 'removed' in assignment ? 'REMOVED' : `ORPHANS-${assignment.orphans.provider}`;
}

/** Emits the numbers as metrics, and logs each problem with the name of its target. */
function report(seen: Sweep, { due, later, waiting, down, assignments }: Assigned): void {
  const { fleet, clock } = wiring();
  const measures = measure(seen, clock.now());
  for (const { kind, detail, ...whose } of measures.troubles) {
    logger.error(`${whose.target}: ${kind}`, { ...whose, reason: kind, detail });
  }
  for (const secret of measures.removed)
    logger.warn('credentials are alive behind a secret that left the fleet', { secret });
  for (const account of down)
    logger.warn('an admin account is down: rekey tries one of its targets at a time', { account });
  sweepMetrics(fleet.id, measures, { due, waiting });
  const { length: swept } = seen.targets;
  logger.info('swept', {
    swept,
    due,
    later,
    waiting,
    assigned: assignments.length,
    troubles: measures.troubles.length,
  });
}
