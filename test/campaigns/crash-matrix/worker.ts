import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { InboundType } from '../../../lib/core/events/index.ts';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { request } from '../../../lib/core/jobs/requests.ts';
import type { Engine } from '../../../lib/core/reconcile/index.ts';
import { warpClock } from '../../../lib/sandbox/clock.ts';
import { createEngine } from '../../../lib/wiring/engine.ts';
import type { CrashPoint } from './effects.ts';
import { fourSteps } from './native.ts';
import { work } from './world.ts';

/** The input of a worker process. It holds no secret. */
export interface Job extends CrashPoint {
  readonly aws: string;
  readonly endpoints: NonNullable<Engine['endpoints']>;
  readonly target: Target;
  readonly now: string;
  readonly deed?: InboundType | undefined;
  /** The version for which Secrets Manager's steps are carried out. */
  readonly version?: string | undefined;
}

/*
 * A worker as deployed, in a process of its own, with plain SDK clients and HTTP. Node reports
 * every request on the wire. At the chosen request the process is killed: before it is sent, when
 * the head of the answer has arrived and our code has not seen it, or when our code has seen the
 * whole answer and is about to send the next request.
 */
const [, , text] = process.argv;
if (!text) process.exit(0); // started only to be compiled
const { aws, endpoints, target, now, deed, version, effect, place } = JSON.parse(text) as Job;

let count = 0;
let chosen: object | undefined;
const die = () => process.kill(process.pid, 'SIGKILL');

function begun(message: unknown): void {
  if (count === effect) die();
  count += 1;
  if (count !== effect) return;
  if (place === 'unsent') die();
  chosen = (message as { request: object }).request;
}
const of = (message: unknown) => (message as { request: object }).request === chosen;

// Node's own client, used by the AWS SDK
subscribe('http.client.request.created', begun);
subscribe('http.client.response.finish', (message) => {
  if (!of(message)) return;
  if (place === 'unanswered') die();
  (message as { response: IncomingMessage }).response.once('close', () => setImmediate(die));
});
// undici, used for vendors and registries
subscribe('undici:request:create', begun);
subscribe('undici:request:headers', (message) => {
  if (of(message) && place === 'unanswered') die();
});
subscribe('undici:request:trailers', (message) => {
  if (of(message)) setImmediate(die);
});

const client = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  endpoint: aws,
  maxAttempts: 1,
};
const engine = createEngine({
  secretsManager: new SecretsManagerClient(client),
  eventBridge: new EventBridgeClient(client),
  bus: 'default',
  clock: warpClock(new Date(now)),
  endpoints,
});
if (version) await fourSteps(engine, target, version);
else if (deed) await request(engine.store, engine.clock, deed, target);
else await work(engine, target);
