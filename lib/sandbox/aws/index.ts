import type { Clock } from '../../core/ports.ts';
import { keptFile } from '../kept-file.ts';
import type { Served } from '../serve.ts';
import { type Account, secureRandom } from './account.ts';
import { createBackground } from './background.ts';
import { type Calls, createCalls } from './calls.ts';
import { createBus, type Events } from './events/bus.ts';
import { eventBridge } from './events/index.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFunctions, type Functions } from './functions.ts';
import type { Operation, Operations } from './operation.ts';
import { createQuotas, type Quotas } from './quotas.ts';
import { elsewhere, makes, refusedIn } from './regions.ts';
import { sdkRequestHandler } from './request-handler.ts';
import { secretsManager } from './secrets/index.ts';
import type { ListLag } from './secrets/list.ts';
import type { ReplicationLag } from './secrets/read.ts';
import { findAny } from './secrets/secret.ts';
import { serveAws } from './server.ts';
import { createQueues } from './sqs/queues.ts';
import { loadState } from './state-file.ts';
import { createHandle, type Find, type Handle } from './wire.ts';

/** Settings of an embedded AWS. Only the clock is required. */
export interface EmbeddedAwsOptions {
  readonly clock: Clock;
  /** Keeps the state between runs. @default in memory only */
  readonly file?: string | undefined;
  /** The only region. Other regions see the replicas of its secrets. @default 'eu-central-1' */
  readonly region?: string;
  /** Queues always belong to the default account. @default '000000000000' */
  readonly account?: string;
  /** A number in [0, 1), the source of ids and passwords. @default cryptographic */
  readonly random?: () => number;
}

/** Secrets Manager, EventBridge and SQS in this process. */
export interface EmbeddedAws {
  /** For an SDK client of this process. */
  readonly requestHandler: ReturnType<typeof sdkRequestHandler>;
  /** Handles one request of the wire protocol. */
  readonly handle: Handle;
  /** Same as `handle`, for a witness: without faults and quotas, and not recorded. */
  readonly look: Handle;
  /** Serves HTTP on loopback. Port 0 takes a free one. */
  serve(options?: { readonly port?: number }): Promise<Served>;
  readonly events: Events;
  readonly functions: Functions;
  readonly calls: Calls;
  readonly faults: Faults;
  readonly quotas: Quotas;
  readonly listLag: ListLag;
  readonly replicationLag: ReplicationLag;
  /** Makes a secret a replica of one in another region, and so read-only. */
  markReplica(secretId: string, primaryRegion: string): Promise<void>;
  /** Resolves when no rotation and no delivery is in progress. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Operations after which the state file stays as it is. */
const reading = /\.(Describe|List|Get|BatchGet|Test|Receive)/;

/** Creates an embedded AWS. Loads the state of an earlier run if the file exists. */
export function createEmbeddedAws(options: EmbeddedAwsOptions): EmbeddedAws {
  const {
    clock,
    file,
    region = 'eu-central-1',
    account: id = '000000000000',
    random = secureRandom,
  } = options;
  const state = loadState(file);
  const account: Account = { state, clock, region, id, random };
  const saved = keptFile(file, () => state);
  const background = createBackground();
  const functions = createFunctions();
  const calls = createCalls();
  const faults = createFaults();
  const { quotas, take } = createQuotas(clock);
  const listLag: ListLag = { ms: 0 };
  const replicationLag: ReplicationLag = { ms: 0 };
  const queues = createQueues(state, region);
  const bus = createBus(account, { functions, background, send: queues.send, faults });
  const lags = { list: listLag, replication: replicationLag };
  const operationsOf = (
    of: Account,
    publish = bus.publish,
  ): Readonly<Record<string, Operations>> => ({
    secretsmanager: secretsManager(of, lags, { functions, background, changed: saved.save }),
    events: eventBridge(of, publish),
  });
  const here = operationsOf(account);

  const find: Find = (service, name, { origin, region: wanted = region }) => {
    const away = wanted !== region;
    if (away && (service === 'sqs' || makes(name))) return refusedIn(wanted, region);
    if (service === 'sqs') return queues.operation(name, origin);
    const operations = (away ? operationsOf(elsewhere(account, wanted), () => {}) : here)[service];
    return operations && Object.hasOwn(operations, name) ? operations[name] : undefined;
  };

  async function run(
    name: string,
    operation: Operation,
    input: unknown,
    caller: string | undefined,
  ): Promise<object> {
    calls.record(name, input, caller);
    return faults.apply(name, async (wanted) => {
      take(name);
      const answer = await operation(wanted);
      if (!reading.test(name)) await saved.save();
      return answer;
    })(input);
  }

  const handle = createHandle(account, find, run);
  const look = createHandle(account, find, async (_, operation, input) => operation(input));
  const servers = new Set<Served>();
  return {
    requestHandler: sdkRequestHandler(handle, clock),
    handle,
    look,
    async serve({ port = 0 } = {}) {
      const served = await serveAws(handle, port);
      servers.add(served);
      return served;
    },
    events: bus.events,
    functions,
    calls,
    faults,
    quotas,
    listLag,
    replicationLag,
    markReplica(secretId, primaryRegion) {
      findAny(account, secretId).primaryRegion = primaryRegion;
      return saved.save();
    },
    idle: background.idle,
    async close() {
      await Promise.all([...servers].map((served) => served.close()));
      await background.close();
      await queues.close();
      await saved.save();
    },
  };
}

export type { Call, Calls } from './calls.ts';
export type { Events } from './events/bus.ts';
export type { Envelope } from './events/put-events.ts';
export type { Fault, Faults } from './faults.ts';
export type { AwsFunction, Functions, RotationEvent } from './functions.ts';
export type { Quotas } from './quotas.ts';
