import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import { type Ledger, parseLedger } from '../../lib/core/ledger/index.ts';
import { MINUTE } from '../../lib/core/time.ts';
import type { SimulatedVendor } from '../../lib/sandbox/vendors/index.ts';
import { sizeOf } from '../campaigns/bench/bundles.ts';
import { limits } from '../campaigns/bench/limits.ts';
import { secretsOf } from '../support/canary.ts';
import { connectBus, connectRotation } from '../support/connections.ts';
import { type Deployment, deploy, type Synthesised, synthesise } from '../support/deployment.ts';
import { killWhen, type Lambda } from '../support/lambda.ts';
import { fixture, messageFor, receive, record } from '../support/sqs-event.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-bundles-'));
let synthesised: Synthesised;
/** Without the code for simulated vendors. */
let deployable: Synthesised;
let here: Deployment;

beforeAll(() => {
  synthesised = synthesise(join(folder, 'simulated'));
  deployable = synthesise(join(folder, 'deployable'), {});
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  here = await deploy(synthesised);
});
afterEach(async () => {
  try {
    const written = here.output();
    const leaked = (await secretsOf(here)).filter((secret) => written.includes(secret));
    expect(leaked.length, 'secrets in what the processes wrote').toBe(0);
  } finally {
    await here.close();
  }
});

const schedule = fixture('schedule');
const queued = () => receive(here.clients.sqs, here.work);
const work = (worker: Lambda, Records: readonly SQSRecord[], timeLeft = 600_000) =>
  worker.answer({ Records }, { timeLeft });
const failures = (...ids: readonly string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

/** The targets in the queue that a worker is to act on, without those it only has to check. */
const targetsDue = (records: readonly SQSRecord[]) =>
  records
    .map(({ body }) => JSON.parse(body) as { target?: string; check?: true })
    .flatMap(({ target, check }) => (target && !check ? [target] : []))
    .sort();

async function ledgerOf(target: string): Promise<Ledger> {
  const snapshot = await secretsManagerStore(here.clients.secretsManager).describe(
    `rekey/demo/${target}`,
  );
  if (!snapshot) throw new Error(`${target} has no secret`);
  return parseLedger(snapshot);
}
const credentialOf = async (target: string) => (await ledgerOf(target)).current?.credential;

function vendorOf(provider: string): SimulatedVendor {
  const found = here.sandbox.vendors.find((vendor) => vendor.provider === provider);
  if (!found) throw new Error(`no vendor is simulated for ${provider}`);
  return found;
}
const alive = (vendor: SimulatedVendor) =>
  vendor.credentials().filter(({ state }) => state === 'enabled');

test('the bundle of each function stays within its size limit', () => {
  for (const [name, { bundle }] of Object.entries(here.functions)) {
    expect(sizeOf(bundle), `bytes of ${name}`).toBeLessThanOrEqual(limits[name] ?? 0);
  }
});

test('the deployed bundles cannot be redirected to other addresses', () => {
  const code = (bundle: string) =>
    readdirSync(bundle)
      .map((file) => readFileSync(join(bundle, file), 'utf8'))
      .join('\n');
  for (const [name, { bundle }] of Object.entries(deployable.functions))
    expect(code(bundle), name).not.toMatch(/REKEY_(ENDPOINTS|BUNDLE)/);
  expect(code(here.functions.reconcile?.bundle ?? '')).toContain('REKEY_ENDPOINTS');
});

describe('schedule, sweep, queue, worker', () => {
  test('every target gets its credential, and the second sweep finds nothing to do', async () => {
    const [sweep, worker] = [await here.start('sweep'), await here.start('reconcile')];
    if (here.functions['native-rotation'])
      await connectRotation(here, await here.start('native-rotation'));
    await sweep.answer(schedule);
    const records = await queued();
    expect(targetsDue(records)).toEqual(here.fleet.targets.map(({ name }) => name).sort());
    expect(await work(worker, records)).toEqual(failures());
    await here.sandbox.aws.idle();
    for (const { name, provider } of here.fleet.targets) {
      expect(await credentialOf(name), name).toMatchObject({ reason: 'never-issued' });
      expect(alive(vendorOf(provider)), name).toHaveLength(1);
    }
    await sweep.answer(schedule);
    // if Secrets Manager drives, a label has to be removed afterwards
    const driven = here.fleet.targets
      .filter(({ driver }) => driver === 'secrets-manager')
      .map(({ name }) => name);
    expect(targetsDue(await queued()).filter((name) => !driven.includes(name))).toEqual([]);
  });

  test('a message delivered twice, in one batch and in another, rotates once', async () => {
    const worker = await here.start('reconcile');
    const once = messageFor('shop-images');
    expect(await work(worker, [once, { ...once, messageId: 'again' }])).toEqual(failures());
    const first = await ledgerOf('shop-images');
    expect(await work(worker, [once])).toEqual(failures());
    expect((await ledgerOf('shop-images')).current?.id).toBe(first.current?.id);
    expect(vendorOf('ionos').credentials()).toHaveLength(1);
  });

  test('an unknown target and a malformed message do not block the rest of a batch', async () => {
    const worker = await here.start('reconcile');
    const batch = [
      record({ messageId: 'bad', body: 'nonsense' }, { MessageGroupId: 'bad' }),
      messageFor('nobody', 'unknown'),
      messageFor('shop-images'),
    ];
    expect(await work(worker, batch)).toEqual(failures());
    expect(await credentialOf('shop-images')).toBeDefined();
  });

  test('the bundled worker starts nothing without time left', async () => {
    const worker = await here.start('reconcile');
    expect(await work(worker, [messageFor('shop-images', 'late')], 10_000)).toEqual(
      failures('late'),
    );
    expect(vendorOf('ionos').requests).toEqual([]);
    expect(await work(worker, [messageFor('shop-images', 'in time')])).toEqual(failures());
  });

  test('a target without its admin secret waits, and the error names the secret', async () => {
    await here.clients.secretsManager.send(
      new DeleteSecretCommand({ SecretId: 'rekey/admin/ionos', ForceDeleteWithoutRecovery: true }),
    );
    const worker = await here.start('reconcile');
    await work(worker, [messageFor('shop-images'), messageFor('speech-engine')]);
    expect(await credentialOf('shop-images')).toBeUndefined();
    expect(await credentialOf('speech-engine')).toBeDefined();
    expect(worker.output()).toContain('rekey/admin/ionos');
  });
});

describe('requests on the bus', () => {
  const ask = (DetailType: string, detail: unknown) =>
    here.clients.eventBridge.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: 'rekey-demo',
            Source: 'acme.operations',
            DetailType,
            Detail: JSON.stringify(detail),
          },
        ],
      }),
    );

  test('a request on the bus is recorded and queued, and the target rotates', async () => {
    await work(await here.start('reconcile'), [messageFor('shop-images')]);
    here.pass(20 * MINUTE);
    await connectBus(here, await here.start('request'));
    await ask('Rotation Requested', { target: 'shop-images', correlationId: 'ticket-7' });
    await here.sandbox.aws.idle();
    const records = await queued();
    expect(records.map(({ body }) => JSON.parse(body))).toEqual([
      { target: 'shop-images', request: true, correlationId: 'ticket-7' },
    ]);
    expect(await work(await here.start('reconcile'), records)).toEqual(failures());
    expect(await credentialOf('shop-images')).toMatchObject({ reason: 'requested' });
    expect(vendorOf('ionos').credentials()).toHaveLength(2);
  });

  test('malformed and unknown requests end in the dead letters, and rotate nothing', async () => {
    await connectBus(here, await here.start('request'));
    await ask('Rotation Requested', { target: ['shop-images'] });
    await ask('Credential Compromised', { target: 'nobody' });
    await here.sandbox.aws.idle();
    expect(here.sandbox.aws.events.undelivered).toHaveLength(2);
    expect(await queued()).toEqual([]);
  });

  test('an invalid event fails the invocation, and the function keeps working', async () => {
    const request = await here.start('request');
    for (const event of [
      'nonsense',
      null,
      [],
      { ...fixture<object>('rotation-requested'), detail: {} },
    ]) {
      expect(await request.invoke(event)).toMatchObject({
        error: { errorMessage: expect.stringMatching(/malformed/) },
      });
    }
    expect(await request.answer(fixture('rotation-requested'))).toBeNull();
    expect(await queued()).toHaveLength(1);
  });
});

describe('a worker that is killed', () => {
  const moments: readonly (readonly [string, (vendor: SimulatedVendor) => () => boolean])[] = [
    [
      'before the vendor has created the credential',
      (vendor) => {
        vendor.faults.next(/^POST /, { hang: true });
        return () => vendor.requests.some((line) => line.startsWith('POST '));
      },
    ],
    [
      'after the vendor has created it, and before it is stored',
      (vendor) => () => vendor.credentials().length > 0,
    ],
    [
      'after it is stored, and before the registry answers',
      (vendor) => {
        vendor.registryFaults.next(/./, { hang: true });
        return () => vendor.requests.some((line) => line.includes(' /v2/'));
      },
    ],
  ];

  test.each(moments)(
    'a worker killed %s: the next one leaves one live credential, the current one',
    async (_when, prepare) => {
      const vendor = vendorOf('ionos');
      await killWhen(
        await here.start('reconcile'),
        { Records: [messageFor('shop-images')] },
        prepare(vendor),
      );
      expect(await credentialOf('shop-images')).toBeUndefined();
      expect(await work(await here.start('reconcile'), [messageFor('shop-images')])).toEqual(
        failures(),
      );
      const { current, pending } = await ledgerOf('shop-images');
      expect(pending).toBeUndefined();
      expect(alive(vendor).map(({ id }) => id)).toEqual([current?.credential?.id]);
    },
  );
});
