import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { vi } from 'vitest';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import type { Fleet } from '../../lib/core/fleet/index.ts';
import { type Ledger, parseLedger } from '../../lib/core/ledger/index.ts';
import { MINUTE, plus } from '../../lib/core/time.ts';
import { warpClock } from '../../lib/sandbox/clock.ts';
import { drain, setUp } from '../../lib/sandbox/demo/setup.ts';
import { startSandbox } from '../../lib/sandbox/index.ts';
import { awsClients } from '../support/embedded-aws.ts';
import { T0 } from '../support/snapshot.ts';

type Body = Record<string, unknown>;

/** The functions over an embedded AWS and simulated vendors, with a simulated clock. */
export async function openSetup(fleet: Fleet, environment: Readonly<Record<string, string>> = {}) {
  const clock = warpClock(T0);
  const sandbox = await startSandbox({ clock });
  const clients = awsClients({ endpoint: sandbox.url });
  const { work, history } = await setUp(clients, fleet, 'rekey', sandbox.vendors);
  const folder = mkdtempSync(join(tmpdir(), 'rekey-'));
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify(fleet));
  const env = {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    REKEY_FLEET: join(folder, 'fleet.json'),
    REKEY_BUS: 'rekey',
    REKEY_QUEUE_URL: work,
    REKEY_ENDPOINTS: JSON.stringify(sandbox.endpoints),
    ...environment,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.resetModules();
  vi.doMock('../../lib/wiring/clock.ts', () => ({ realClock: clock }));
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
  const store = secretsManagerStore(clients.secretsManager);
  let sweeps = 0;
  let deliveries = 0;
  let requests = 0;

  const bodies = async () => {
    const found: Body[] = [];
    await drain(clients.sqs, work, async (body) => void found.push(JSON.parse(body) as Body));
    return found;
  };
  /** Runs the worker on these messages, each in its own group; returns those to deliver again. */
  const deliver = async (messages: readonly (Body | string)[]) => {
    const Records = messages.map((body, index) => ({
      messageId: `m${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { MessageGroupId: `g${index}` },
    }));
    const { handler } = await import('../../functions/reconcile.ts');
    const { batchItemFailures } = await handler(
      { Records },
      { awsRequestId: `delivery-${deliveries++}`, getRemainingTimeInMillis: () => 300_000 },
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const sweep = async () => {
    await (await import('../../functions/sweep.ts')).handler(
      {},
      { awsRequestId: `sweep-${sweeps++}` },
    );
    return bodies();
  };

  return {
    clock,
    sandbox,
    clients,
    printed,
    bodies,
    deliver,
    /** The messages of one sweep. */
    sweep,
    /** Moves the clock to the next sweep, runs it, and runs the worker on its messages. */
    async round(): Promise<readonly Body[]> {
      clock.jumpTo(new Date(Math.ceil((Number(clock.now()) + 1) / (5 * MINUTE)) * 5 * MINUTE));
      const messages = await sweep();
      await deliver(messages);
      return messages;
    },
    pass: (ms: number) => clock.jumpTo(plus(clock.now(), ms)),
    request: async (event: unknown) =>
      (await import('../../functions/request.ts')).handler(event, {
        awsRequestId: `request-${requests++}`,
      }),
    vendor(provider: string) {
      const found = sandbox.vendors.find((vendor) => vendor.provider === provider);
      if (!found) throw new Error(`no simulated vendor ${provider}`);
      return found;
    },
    async ledger(secret: string): Promise<Ledger> {
      const snapshot = await store.describe(secret);
      if (!snapshot) throw new Error(`there is no secret ${secret}`);
      return parseLedger(snapshot);
    },
    async put(secret: string, value: string): Promise<void> {
      await clients.secretsManager.send(
        new PutSecretValueCommand({ SecretId: secret, SecretString: value }),
      );
    },
    /** The events published since the last call. */
    async events(): Promise<readonly { readonly 'detail-type': string; readonly detail: Body }[]> {
      const found: { 'detail-type': string; detail: Body }[] = [];
      await drain(clients.sqs, history, async (body) => void found.push(JSON.parse(body)));
      return found;
    },
    async close(): Promise<void> {
      vi.restoreAllMocks();
      vi.unstubAllEnvs();
      vi.doUnmock('../../lib/wiring/clock.ts');
      vi.resetModules();
      await sandbox.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type Setup = Awaited<ReturnType<typeof openSetup>>;
