import { resolve } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsTime } from '../aws/aws-time.ts';
import { requireBus } from '../aws/bus.ts';
import { boundedCalls } from '../aws/calls.ts';
import { requestPublisher } from '../aws/requests.ts';
import { RekeyError } from '../core/errors.ts';
import type { Target } from '../core/fleet/index.ts';
import { reconcile } from '../core/reconcile/index.ts';
import { MINUTE } from '../core/time.ts';
import { realClock } from '../wiring/clock.ts';
import { createEngine } from '../wiring/engine.ts';
import { loadProviders } from '../wiring/load-providers.ts';
import { localFile, readLocal } from '../wiring/local-file.ts';
import { ownAmong } from '../wiring/own-providers.ts';
import type { Options, Wiring } from './program.ts';

/** The region and endpoint of the connection, for advice on errors. */
export interface Reached {
  region?: string;
  endpoint?: string;
}

/**
 * Connects the CLI to AWS, configured by the usual environment, or to the embedded AWS that `rekey
 * demo --keep` runs.
 */
export const connector =
  (
    readFleet: Wiring['readFleet'],
    reached: Reached,
    complain: (line: string) => void,
  ): Wiring['connect'] =>
  async (options, work) => {
    const fleet = readFleet(options.fleet, options.providers);
    const bus = process.env.REKEY_BUS || `rekey-${fleet.id}`;
    const { endpoints, ...client } = connection(options);
    if (client.endpoint) reached.endpoint = client.endpoint;
    const bounded = { ...client, ...boundedCalls };
    const secretsManager = new SecretsManagerClient(bounded);
    const eventBridge = new EventBridgeClient(bounded);
    const stop = interruptible(complain);
    try {
      const { region, account } = await identity(secretsManager);
      reached.region = region;
      const { network } = fleet;
      // one clock for all actions; a wrong local clock is corrected, or the command refuses
      const { clock, skew } = awsTime(secretsManager, realClock);
      const providers = loadProviders(options.providers);
      const engine = createEngine({
        ...{ secretsManager, eventBridge, bus, providers, clock, network, signal: stop },
        ...(endpoints && { endpoints }),
      });
      const correlationId = `cli-${crypto.randomUUID()}`;
      const act = (target: Target) => {
        const signal = AbortSignal.any([stop, AbortSignal.timeout(15 * MINUTE)]);
        return reconcile(engine, target, { signal, correlationId });
      };
      const publish = requestPublisher(eventBridge, bus, clock, { signal: stop });
      const check = () => requireBus(eventBridge, bus, region, { signal: stop });
      const context = {
        fleet,
        engine,
        ownProviders: ownAmong(providers),
        reconcile: act,
        region,
        account,
        bus,
        requireBus: check,
        publish,
        correlationId,
        skew,
      };
      try {
        return await work({ ...context, signal: stop });
      } finally {
        await engine.http.close?.();
      }
    } finally {
      secretsManager.destroy();
      eventBridge.destroy();
    }
  };

function connection({ local }: Options) {
  if (!local) return {};
  const running = readLocal();
  if (running) {
    const { aws: endpoint, region, endpoints } = running;
    return {
      endpoint,
      region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      endpoints,
    };
  }
  throw new RekeyError(
    'aws-failed',
    [
      `no embedded AWS is running (${resolve(localFile)} is missing);`,
      'run this command in the folder where it was started,',
      'or start one there with: rekey demo --keep',
    ].join(' '),
  );
}

/**
 * Resolves region and credentials first: without them every call would fail with a vaguer error.
 */
async function identity({
  config,
}: SecretsManagerClient): Promise<{ region: string; account: string | undefined }> {
  try {
    const region = await config.region();
    const { accountId } = await config.credentials();
    return { region, account: accountId };
  } catch (error) {
    throw new RekeyError('aws-failed', 'cannot connect to AWS', { cause: error });
  }
}

/** A signal that the first Ctrl-C aborts; the second Ctrl-C ends the process as usual. */
function interruptible(complain: (line: string) => void): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    complain('interrupted: stopping at the next safe point; press Ctrl-C again to stop at once');
    stop.abort(new RekeyError('lost-race', 'interrupted; rekey completes what was begun'));
  });
  return stop.signal;
}
