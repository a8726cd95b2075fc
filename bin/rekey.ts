#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsTime } from '../lib/aws/aws-time.ts';
import { boundedCalls } from '../lib/aws/calls.ts';
import { requestPublisher } from '../lib/aws/requests.ts';
import { type Options, run, type Wiring } from '../lib/cli/program.ts';
import { realClock } from '../lib/clock.ts';
import { RekeyError } from '../lib/core/errors.ts';
import type { Fleet, Target } from '../lib/core/fleet/index.ts';
import { reconcile } from '../lib/core/reconcile/index.ts';
import { MINUTE } from '../lib/core/time.ts';
import { createEngine } from '../lib/engine.ts';
import { readFleetFile } from '../lib/fleet-file.ts';
import { localFile, readLocal } from '../lib/local/local-file.ts';
import { providers } from '../lib/providers/index.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const readFleet = (file: string) => readFleetFile(file, providers);

/** The embedded AWS that `npm start -- --keep` runs, or AWS by the usual environment. */
function connections({ local }: Options, fleet: Fleet) {
  if (!local) return { client: {}, bus: process.env.REKEY_BUS ?? `rekey-${fleet.id}`, endpoints: undefined };
  const running = readLocal();
  if (!running)
    throw new RekeyError(
      'aws-failed',
      `no embedded AWS is running (${localFile} is missing); start one with: npm start -- --keep`,
    );
  const { aws, region, bus, endpoints } = running;
  return { client: { endpoint: aws, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }, bus, endpoints };
}

const connect: Wiring['connect'] = async (options, work) => {
  const fleet = readFleet(options.fleet);
  const { client, bus, endpoints } = connections(options, fleet);
  const bounded = { ...client, ...boundedCalls };
  const secretsManager = new SecretsManagerClient(bounded);
  const eventBridge = new EventBridgeClient(bounded);
  const { network } = fleet;
  // one clock for all that acts: a wrong one of this machine is corrected, or refused
  const { clock, skew } = awsTime(secretsManager, realClock);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new RekeyError('lost-race', 'interrupted; rekey goes on with what was begun')));
  const { signal: interrupted } = stop;
  const wiring = { secretsManager, eventBridge, bus, clock, network, signal: interrupted };
  const engine = createEngine({ ...wiring, ...(endpoints && { endpoints }) });
  const correlationId = `cli-${crypto.randomUUID()}`;
  const act = (target: Target) => {
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(15 * MINUTE)]);
    return reconcile(engine, target, { signal, correlationId });
  };
  const publish = requestPublisher(eventBridge, bus, clock, { signal: interrupted });
  try {
    return await work({ fleet, engine, print, reconcile: act, bus, publish, correlationId, skew, signal: interrupted });
  } finally {
    secretsManager.destroy();
    eventBridge.destroy();
    await engine.http.close?.();
  }
};

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

const print = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

process.exitCode = await run(process.argv.slice(2), {
  print,
  complain,
  readFleet,
  connect,
  version,
  ...(process.stdin.isTTY && { confirm }),
});
