import { isAbsolute, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  paginateListSecretVersionIds,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sqsQueue } from '../../aws/queue.ts';
import { RekeyError } from '../../core/errors.ts';
import type { Fleet, Target } from '../../core/fleet/index.ts';
import { announceRemoved } from '../../core/jobs/removed.ts';
import { printable } from '../../core/printable.ts';
import { reconcile } from '../../core/reconcile/index.ts';
import { sweep } from '../../core/sweep/index.ts';
import { MINUTE, plus, SECOND } from '../../core/time.ts';
import { providers } from '../../providers/index.ts';
import { createEngine } from '../../wiring/engine.ts';
import { readFleetFile } from '../../wiring/fleet-file.ts';
import { command } from '../../wiring/installed.ts';
import { localFile, readLocal, removeLocal, writeLocal } from '../../wiring/local-file.ts';
import { shellWord } from '../../wiring/shell.ts';
import { warpClock } from '../clock.ts';
import { startSandbox } from '../index.ts';
import { type Audit, audit } from './audit.ts';
import { live, longestLife } from './life.ts';
import { honourRequests } from './requests.ts';
import { liveScreen, plainScreen } from './screen.ts';
import { drain, setUp } from './setup.ts';

/*
 * Runs the whole life of a fleet on this machine: an embedded AWS and simulated vendors on
 * loopback, with real SDK clients and real HTTP between them and the engine. Only time is
 * simulated.
 */
const region = 'eu-central-1';
const print = (line: string) => void process.stdout.write(`${printable(line)}\n`);

/** The options of `rekey demo`. */
export interface DemoOptions {
  /** Path of the fleet file. */
  readonly fleet: string;
  /** Keeps running afterwards. */
  readonly keep: boolean;
  /** Port of the embedded AWS; 0 takes a free one. */
  readonly port: number;
  /** Folder that keeps the state. */
  readonly state?: string;
}

/** Returns the exit status: 0 if nothing was left behind. */
export async function demo(options: DemoOptions): Promise<number> {
  try {
    return await start(readFleetFile(options.fleet, providers), options);
  } catch (error) {
    if (!(error instanceof RekeyError) && !/in use|move it away/.test(String(error))) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

async function start(
  fleet: Fleet,
  { fleet: file, keep, port, state }: DemoOptions,
): Promise<number> {
  // same name as in the stack and the CLI
  const bus = `rekey-${fleet.id}`;
  if (keep) refuseTwo();
  const clock = warpClock(plus(new Date(), -longestLife(fleet)));
  const sandbox = await startSandbox({ clock, port, folder: state });
  const client = {
    endpoint: sandbox.url,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const clients = {
    secretsManager: new SecretsManagerClient(client),
    eventBridge: new EventBridgeClient(client),
    sqs: new SQSClient(client),
  };
  try {
    const setup = await setUp(clients, fleet, bus, sandbox.vendors);
    const screen = process.stdout.isTTY
      ? liveScreen(process.stdout, fleet)
      : plainScreen(print, fleet);
    const observe = (step: Parameters<typeof screen.step>[0]) => screen.step(step, clock.now());
    const engine = createEngine({ ...clients, bus, clock, endpoints: sandbox.endpoints, observe });
    const queue = sqsQueue(clients.sqs, setup.work);
    const byName = new Map(fleet.targets.map((target) => [target.name, target]));

    const work = async (
      targets: readonly Target[],
      correlationId = `sweep-${clock.now().toISOString()}`,
    ) => {
      await queue.send(
        targets.map(({ name }) => ({
          body: JSON.stringify({ target: name, correlationId }),
          group: name,
          deduplicationId: `${name} ${correlationId}`,
        })),
      );
      await drain(clients.sqs, setup.work, async (body) => {
        const { target: name, correlationId } = JSON.parse(body) as {
          target: string;
          correlationId: string;
        };
        const target = byName.get(name);
        if (target)
          await reconcile(engine, target, {
            signal: AbortSignal.timeout(10 * MINUTE),
            correlationId,
          });
      });
    };
    print(
      [
        `rekey ${fleet.id}: ${fleet.targets.length} targets; embedded AWS at ${sandbox.url};`,
        'simulated time',
      ].join(' '),
    );
    // slow enough for a person to watch; a log need not wait
    const tick = (now: Date) => {
      screen.tick(now);
      return process.stdout.isTTY ? delay(400) : undefined;
    };
    const audited = async () => {
      await live({ fleet, engine, clock, work, tick });
      let events = 0;
      await drain(clients.sqs, setup.history, async () => void events++);
      const found = await audit(fleet, engine, sandbox.vendors, (secret) =>
        versionsOf(clients.secretsManager, secret),
      );
      print(`${events} events on the bus`);
      for (const line of found.leftBehind) print(`left behind: ${line}`);
      return found;
    };
    const found = sandbox.resumed ? undefined : await audited();
    const summary = found ? summed(found) : `rekey: continuing from the state in ${state}`;
    if (keep) {
      clock.followRealTime();
      await honourRequests({
        ...{ aws: sandbox.aws, eventBridge: clients.eventBridge, bus, fleet, engine },
        work: (target, correlationId) => work([target], correlationId),
        refused: (message) => print(`request refused: ${message}`),
      });
      screen.end();
      await stayUp(
        { summary, file },
        { aws: sandbox.url, region, endpoints: sandbox.endpoints },
        async () => {
          const { targets, removed } = await sweep(engine, fleet);
          for (const secret of removed) await announceRemoved(engine, fleet.id, secret, 'sweep');
          await work(
            targets
              .filter(({ decision }) => decision.action !== 'wait')
              .map(({ target }) => target),
          );
          await sandbox.save();
        },
      );
    }
    print(summary);
    return !found || clean(found) ? 0 : 1;
  } finally {
    for (const opened of Object.values(clients)) opened.destroy();
    await sandbox.close();
  }
}

/** Every target rotated, every ended credential proven dead, nothing left behind. */
function clean({ targets, rotated, revoked, expired, dead, leftBehind }: Audit): boolean {
  return leftBehind.length === 0 && rotated === targets && revoked + expired === dead;
}

/** The last line. Expired credentials have a figure of their own. */
function summed({ targets, rotated, revoked, expired, dead, leftBehind }: Audit): string {
  const ended = expired > 0 ? `${revoked} revoked, ${expired} expired` : `${revoked} revoked`;
  const proven = `${dead} proven dead, ${leftBehind.length} left behind`;
  return `rekey: ${targets} targets, ${rotated} rotated, ${ended}, ${proven}`;
}

async function versionsOf(secretsManager: SecretsManagerClient, secret: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { Versions = [] } of paginateListSecretVersionIds(
    { client: secretsManager },
    { SecretId: secret, IncludeDeprecated: true },
  )) {
    for (const { VersionId } of Versions) if (VersionId) ids.push(VersionId);
  }
  return ids;
}

/** Sweeps every few seconds until Ctrl-C. */
async function stayUp(
  { summary, file }: { readonly summary: string; readonly file: string },
  local: Parameters<typeof writeLocal>[0],
  sweepOnce: () => Promise<void>,
): Promise<void> {
  writeLocal(local);
  print(`${summary}\n`);
  print(`The embedded AWS keeps running at ${local.aws} (see ${localFile}). In another terminal:`);
  print(`  ${command} --local --fleet ${shellWord(fromHere(file))} status`);
  const aws = `aws --region ${local.region} --endpoint-url ${local.aws}`;
  print(`  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local ${aws} secretsmanager list-secrets`);
  for (const [provider, { api, registry }] of Object.entries(local.endpoints))
    print(`  ${provider}: API ${api}, registry ${registry}`);
  print('Ctrl-C ends it.');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    while (!stop.signal.aborted) {
      await delay(5 * SECOND, undefined, { signal: stop.signal }).catch(() => {});
      if (!stop.signal.aborted) await sweepOnce();
    }
  } finally {
    removeLocal();
  }
}

/** A path as short as it can be in this folder. */
function fromHere(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** A second demo in this folder would overwrite the file that `rekey --local` reads. */
function refuseTwo(): void {
  const running = readLocal();
  if (!running) return;
  throw new RekeyError(
    'conflict',
    `an embedded AWS is already running in this folder (process ${running.pid}); end it first`,
  );
}
