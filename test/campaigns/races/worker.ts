import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RekeyError } from '../../../lib/core/errors.ts';
import { type Engine, reconcile } from '../../../lib/core/reconcile/index.ts';
import { createEngine } from '../../../lib/wiring/engine.ts';
import { type Job, type Report, shiftedClock } from './job.ts';

/*
 * A worker as deployed, in a process of its own. Each job says when to begin, and how much its
 * clock is ahead.
 */
let offset = 0;
const clock = shiftedClock(() => offset);
const clients = new Map<string, Pick<Engine, 'store' | 'events'> & Engine>();

function engineOf({ aws, endpoints }: Job): Engine {
  const known = clients.get(aws);
  if (known) return known;
  const client = {
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: aws,
  };
  const secretsManager = new SecretsManagerClient(client);
  const eventBridge = new EventBridgeClient(client);
  const engine = createEngine({ secretsManager, eventBridge, bus: 'default', clock, endpoints });
  clients.set(aws, engine);
  return engine;
}

process.on('message', async (job: Job) => {
  offset = job.offset;
  const options = { signal: new AbortController().signal, correlationId: 'race', checked: true };
  const report: Report = await reconcile(engineOf(job), job.target, options).then(
    ({ steps }) => ({
      done: steps.map(({ decision, error }) =>
        error ? `${decision.action}: ${error.code}` : decision.action,
      ),
    }),
    (error: unknown) =>
      error instanceof RekeyError
        ? { done: [], lost: error.code }
        : { done: [], problem: error instanceof Error ? error.stack : 'unknown' },
  );
  process.send?.(report);
});
