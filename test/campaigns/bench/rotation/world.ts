import diagnostics from 'node:diagnostics_channel';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Target } from '../../../../lib/core/fleet/index.ts';
import { type Engine, type Options, reconcile } from '../../../../lib/core/reconcile/index.ts';
import { createEngine } from '../../../../lib/wiring/engine.ts';
import { createWorld } from '../../crash-matrix/world.ts';

/** The calls that some work made. */
export interface Counts {
  /** Invocations of a function of ours. */
  readonly invocations: number;
  /** Calls to Secrets Manager and EventBridge. */
  readonly aws: number;
  /** Calls that change a secret: at most 50 a second in an account. */
  readonly writes: number;
  /** Calls to the vendor's API and to its registry. */
  readonly vendor: number;
  /** Bytes of the bodies, in both directions: of AWS, and of the vendor. */
  readonly awsBytes: number;
  readonly vendorBytes: number;
}

const writing = /\.(PutSecretValue|UpdateSecretVersionStage|RotateSecret)$/;

/** A world of the crash matrix, with the SDK and HTTP between its parts, and a meter. */
export async function meteredWorld(provider: string, driver: Target['driver']) {
  const world = await createWorld(provider, driver);
  const { aws, vendor, clock, endpoints } = world;
  let [awsBytes, vendorBytes, invocations] = [0, 0, 0];
  const requestHandler = {
    ...aws.requestHandler,
    async handle(...args: Parameters<typeof aws.requestHandler.handle>) {
      const answer = await aws.requestHandler.handle(...args);
      const { body } = args[0];
      const sent = typeof body === 'string' || body instanceof Uint8Array ? body : '';
      awsBytes += Buffer.byteLength(sent) + answer.response.body.length;
      return answer;
    },
  };
  const count = (message: unknown) => {
    const { chunk } = message as { readonly chunk: string | Uint8Array };
    vendorBytes += Buffer.byteLength(chunk);
  };
  const channels = ['undici:request:bodyChunkSent', 'undici:request:bodyChunkReceived'];
  for (const channel of channels) diagnostics.subscribe(channel, count);
  const config = {
    region: 'eu-central-1',
    endpoint: 'http://embedded',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler,
    // the clocks differ, so the SDK would repeat a call that is refused
    maxAttempts: 1,
  };
  const [secretsManager, eventBridge] = [
    new SecretsManagerClient(config),
    new EventBridgeClient(config),
  ];
  /** An engine as a cold start makes it: it remembers no admin secret. */
  const cold = (): Engine =>
    createEngine({ secretsManager, eventBridge, bus: 'default', clock, endpoints });
  /** The engine of a worker that has rotated another target of the account before. */
  const warm = async (): Promise<Engine> => {
    const engine = cold();
    await engine.admins.get(world.target.admin, world.provider);
    return engine;
  };
  const signal = new AbortController().signal;
  return {
    ...world,
    secretsManager,
    cold,
    warm,
    signal,
    invoked() {
      invocations += 1;
    },
    /** One invocation of the worker. */
    run(engine: Engine, more: Partial<Options> = {}) {
      invocations += 1;
      return reconcile(engine, world.target, { signal, correlationId: 'bench', ...more });
    },
    async counted(work: () => Promise<unknown>): Promise<Counts> {
      aws.calls.reset();
      [awsBytes, vendorBytes, invocations] = [0, 0, 0];
      const before = vendor.requests.length;
      await work();
      await aws.idle();
      return {
        invocations,
        aws: aws.calls.count(),
        writes: aws.calls.all().filter(({ operation }) => writing.test(operation)).length,
        vendor: vendor.requests.length - before,
        awsBytes,
        vendorBytes,
      };
    },
    async close() {
      for (const channel of channels) diagnostics.unsubscribe(channel, count);
      await world.close();
    },
  };
}

export type MeteredWorld = Awaited<ReturnType<typeof meteredWorld>>;
