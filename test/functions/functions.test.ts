import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import { inboundTypes } from '../../lib/core/events/index.ts';
import { parseLedger } from '../../lib/core/ledger/index.ts';
import { providers } from '../../lib/providers/index.ts';
import { drain, type Setup, setUp } from '../../lib/sandbox/demo/setup.ts';
import { type Sandbox, startSandbox } from '../../lib/sandbox/index.ts';
import { realClock } from '../../lib/wiring/clock.ts';
import { parseFleetText } from '../../lib/wiring/fleet-file.ts';
import { runs } from '../support/sample.ts';

let sandbox: Sandbox;
let setup: Setup;
let folder: string;
let clients: {
  secretsManager: SecretsManagerClient;
  eventBridge: EventBridgeClient;
  sqs: SQSClient;
};
let printed: string[];

const text = readFileSync('examples/fleet.yaml', 'utf8');
// without this, work that depends on the hour of the day would be due at random
const parsedFleet = parseFleetText(text, providers);
const fleet = {
  ...parsedFleet,
  targets: parsedFleet.targets.map((target) => ({
    ...target,
    verify: { ...target.verify, every: 0 },
  })),
};

beforeEach(async () => {
  sandbox = await startSandbox({ clock: realClock });
  const client = {
    endpoint: sandbox.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  clients = {
    secretsManager: new SecretsManagerClient(client),
    eventBridge: new EventBridgeClient(client),
    sqs: new SQSClient(client),
  };
  setup = await setUp(clients, fleet, 'rekey', sandbox.vendors);
  folder = mkdtempSync(join(tmpdir(), 'rekey-'));
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify(fleet));
  const env = {
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    REKEY_FLEET: join(folder, 'fleet.json'),
    REKEY_BUS: 'rekey',
    REKEY_QUEUE_URL: setup.work,
    REKEY_ENDPOINTS: JSON.stringify(sandbox.endpoints),
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.resetModules();
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const context = { awsRequestId: '8f5e3c1a', getRemainingTimeInMillis: () => 300_000 };
const sweepOnce = async (id = context.awsRequestId) =>
  (await import('../../functions/sweep.ts')).handler({}, { awsRequestId: id });
const ask = async (event: unknown) =>
  (await import('../../functions/request.ts')).handler(event, context);

/** The SQS event that the worker would receive. */
async function queued() {
  const bodies: string[] = [];
  await drain(clients.sqs, setup.work, async (body) => void bodies.push(body));
  const targets = bodies.filter((body) => !('orphans' in JSON.parse(body)));
  return targets.map((body, index) => ({
    messageId: `m${index}`,
    body,
    attributes: { MessageGroupId: JSON.parse(body).target ?? 'removed' },
  }));
}
const work = async (Records: Awaited<ReturnType<typeof queued>>, left = 300_000) =>
  (await import('../../functions/reconcile.ts')).handler(
    { Records },
    { getRemainingTimeInMillis: () => left },
  );

const ledgerOf = async (target: string) => {
  const snapshot = await secretsManagerStore(clients.secretsManager).describe(
    `rekey/demo/${target}`,
  );
  if (!snapshot) throw new Error('no such secret');
  return parseLedger(snapshot);
};
const requestEvent = (type: string, detail: unknown) => ({
  id: 'c0ffee00-0000-4000-8000-000000000000',
  'detail-type': type,
  source: 'ops',
  detail,
});

describe('sweep, queue, reconcile', () => {
  test('the sweep function queues due targets, and the worker issues credentials', async () => {
    await sweepOnce();
    const messages = await queued();
    expect(messages).toHaveLength(fleet.targets.length);
    expect(await work(messages)).toEqual({ batchItemFailures: [] });
    for (const { name } of fleet.targets)
      expect((await ledgerOf(name)).current?.credential?.reason, name).toBe('never-issued');
    await sweepOnce('second');
    expect(await queued()).toEqual([]);
    const swept = fleet.targets.length;
    expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({ level: 'INFO', swept, due: 0 });
  });

  test('the worker changes nothing if a message is delivered twice', async () => {
    await sweepOnce();
    const messages = await queued();
    await work(messages);
    const before = (await ledgerOf('speech-engine')).current?.id;
    expect(await work(messages)).toEqual({ batchItemFailures: [] });
    expect((await ledgerOf('speech-engine')).current?.id).toBe(before);
  });

  test('the worker returns a failed message with the rest of its group only', async () => {
    await sweepOnce();
    const [first, second, ...rest] = await queued();
    if (!first || !second) throw new Error('nothing was queued');
    sandbox.aws.faults.next('secretsmanager.DescribeSecret', { error: 'InternalServiceError' }, 3);
    const after = { ...first, messageId: 'after' };
    expect(await work([first, after, second, ...rest])).toEqual({
      batchItemFailures: [{ itemIdentifier: first.messageId }, { itemIdentifier: 'after' }],
    });
    expect((await ledgerOf(JSON.parse(second.body).target)).current?.credential).toBeDefined();
  });

  test('the worker drops, logs and counts a message that can never be processed', async () => {
    await sweepOnce();
    const [first] = await queued();
    if (!first) throw new Error('nothing was queued');
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
    const nonsense = ['nonsense', '{}', JSON.stringify({ target: 'nobody', correlationId: 'c' })];
    const batch = nonsense.map((body, index) => ({ ...first, messageId: `bad-${index}`, body }));
    expect(await work([...batch, first])).toEqual({ batchItemFailures: [] });
    expect((await ledgerOf(JSON.parse(first.body).target)).current?.credential).toBeDefined();
    const lines = printed.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ MessagesRefused }) => MessagesRefused === 1)).toHaveLength(3);
    expect(
      lines.filter(({ level }) => level === 'ERROR').map(({ messageId }) => messageId),
    ).toEqual(['bad-0', 'bad-1', 'bad-2']);
  });

  test('a worker that cannot read its fleet returns the message to the queue', async () => {
    await sweepOnce();
    const messages = await queued();
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
    vi.stubEnv('REKEY_FLEET', join(folder, 'nowhere.json'));
    vi.resetModules();
    expect((await work(messages)).batchItemFailures).toHaveLength(messages.length);
    expect(printed.at(-1)).toContain('nowhere.json cannot be read');
  });

  test('the worker drops a message for a deleted secret, and continues', async () => {
    await sweepOnce();
    const [first, second] = await queued();
    if (!first || !second) throw new Error('nothing was queued');
    const { target: lost } = JSON.parse(first.body) as { target: string };
    const gone = { SecretId: `rekey/demo/${lost}`, ForceDeleteWithoutRecovery: true };
    await clients.secretsManager.send(new DeleteSecretCommand(gone));
    const behind = { ...second, attributes: first.attributes };
    expect(await work([first, behind])).toEqual({ batchItemFailures: [] });
    expect((await ledgerOf(JSON.parse(second.body).target)).current?.credential).toBeDefined();
  });

  test('the worker starts nothing without time left', async () => {
    await sweepOnce();
    const messages = await queued();
    expect((await work(messages, 10_000)).batchItemFailures).toHaveLength(messages.length);
    expect((await ledgerOf('speech-engine')).current).toBeUndefined();
  });

  test('the worker announces once that a secret left the fleet', async () => {
    await sweepOnce();
    await work(await queued());
    writeFileSync(
      join(folder, 'fleet.json'),
      JSON.stringify({ ...fleet, targets: fleet.targets.slice(1) }),
    );
    vi.resetModules();
    await sweepOnce('third');
    const messages = await queued();
    expect(messages.map(({ body }) => JSON.parse(body))).toMatchObject([
      { removed: 'rekey/demo/speech-engine' },
    ]);
    await work(messages);
    await sweepOnce('fourth');
    expect(await queued()).toEqual([]);
  });
});

test('the worker ignores a stale message that reports a live target as removed', async () => {
  await sweepOnce();
  await work(await queued());
  const { secret } = fleet.targets[0] ?? {};
  const { ARN = '' } = await clients.secretsManager.send(
    new DescribeSecretCommand({ SecretId: secret }),
  );
  const before = await ledgerOf('speech-engine');
  await drain(clients.sqs, setup.history, async () => {});
  const stale = [secret, ARN].map((removed, index) => ({
    messageId: `stale-${index}`,
    body: JSON.stringify({ removed, correlationId: 'redriven' }),
    attributes: { MessageGroupId: 'REMOVED' },
  }));
  expect(await work(stale)).toEqual({ batchItemFailures: [] });
  expect(await ledgerOf('speech-engine')).toEqual(before);
  const announced: string[] = [];
  await drain(clients.sqs, setup.history, async (body) => void announced.push(body));
  expect(announced).toEqual([]);
});

test('the worker announces what is due in a dry run, and changes nothing', async () => {
  vi.stubEnv('REKEY_DRY_RUN', 'true');
  await sweepOnce();
  expect(await work(await queued())).toEqual({ batchItemFailures: [] });
  expect((await ledgerOf('speech-engine')).current).toBeUndefined();
  const announced: { 'detail-type': string; detail: { data: unknown } }[] = [];
  await drain(clients.sqs, setup.history, async (body) => void announced.push(JSON.parse(body)));
  expect(announced).toHaveLength(fleet.targets.length);
  expect(announced[0]).toMatchObject({
    'detail-type': 'Action Planned',
    detail: { data: { action: 'rotate', reason: 'never-issued' } },
  });
});

describe('native rotation', () => {
  const native = {
    ...fleet,
    targets: fleet.targets.map((target) => ({ ...target, driver: 'secrets-manager' as const })),
  };
  const version = 'e7b0a1f2-0000-4000-8000-000000000001';
  const step = async (Step: string, secret = 'rekey/demo/speech-engine', left = 600_000) => {
    const { ARN = '' } = await clients.secretsManager.send(
      new DescribeSecretCommand({ SecretId: secret }),
    );
    const { handler } = await import('../../functions/native-rotation.ts');
    const event = {
      Step,
      SecretId: ARN,
      ClientRequestToken: version,
      RotationToken: '0f3c0e5e-token',
    };
    return handler(event, { getRemainingTimeInMillis: () => left });
  };
  const stage = () =>
    clients.secretsManager.send(
      // as RotateSecret leaves it, except for the value
      new PutSecretValueCommand({
        SecretId: 'rekey/demo/speech-engine',
        ClientRequestToken: version,
        SecretString: '{}',
        VersionStages: ['AWSPENDING'],
      }),
    );

  test('native rotation refuses other secrets, other drivers and other events', async () => {
    await expect(step('createSecret')).rejects.toMatchObject({ code: 'bad-fleet' });
    writeFileSync(join(folder, 'fleet.json'), JSON.stringify(native));
    vi.resetModules();
    await expect(step('createSecret', fleet.targets[0]?.admin)).rejects.toMatchObject({
      code: 'bad-fleet',
    });
    await expect(step('deleteSecret')).rejects.toMatchObject({ code: 'bad-fleet' });
  });

  test.each(['1-create', '2-set', '3-test', '4-finish'])(
    'native rotation accepts step %s, and refuses it for an unknown secret',
    async (name) => {
      const event: unknown = JSON.parse(
        readFileSync(`test/fixtures/events/rotation-${name}-secret.json`, 'utf8'),
      );
      const { handler } = await import('../../functions/native-rotation.ts');
      await expect(handler(event, context)).rejects.toThrow(/no target of demo/);
    },
  );

  test('native rotation refuses an unstaged version, and starts nothing without time', async () => {
    writeFileSync(join(folder, 'fleet.json'), JSON.stringify(native));
    vi.resetModules();
    await clients.secretsManager.send(
      new PutSecretValueCommand({
        SecretId: 'rekey/demo/speech-engine',
        SecretString: 'put by hand',
      }),
    );
    await expect(step('createSecret')).rejects.toMatchObject({ code: 'rejected' });
    await stage();
    await expect(step('createSecret', undefined, 4000)).rejects.toThrow(/no time/);
    expect((await ledgerOf('speech-engine')).versions.some(({ credential }) => credential)).toBe(
      false,
    );
  });

  test('native rotation does nothing in a dry run', async () => {
    writeFileSync(join(folder, 'fleet.json'), JSON.stringify(native));
    vi.stubEnv('REKEY_DRY_RUN', 'true');
    vi.resetModules();
    await expect(step('createSecret')).rejects.toThrow(/dry run/);
  });
});

test('the sweep function queues orphan scans and checks of current credentials', async () => {
  await sweepOnce();
  await work(await queued());
  const [{ provider = '', admin = '', name = '' } = {}] = fleet.targets;
  const message = (body: object, group: string) => ({
    messageId: group,
    body: JSON.stringify({ ...body, correlationId: 'c' }),
    attributes: { MessageGroupId: group },
  });
  const messages = [
    message({ orphans: { provider, admin } }, 'orphans'),
    message({ target: name, check: true }, name),
  ];
  expect(await work(messages)).toEqual({ batchItemFailures: [] });
  const lines = printed.map((line) => JSON.parse(line) as object);
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'looked for orphans', provider, revoked: 0 }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ target: name, action: 'check', reason: 'cadence' }),
  );
});

describe('request', () => {
  test('the request function records a request and queues it', async () => {
    await sweepOnce();
    await work(await queued());
    await ask(
      requestEvent('Rotation Requested', { target: 'speech-engine', correlationId: 'ticket-7' }),
    );
    expect((await ledgerOf('speech-engine')).current?.requested).toBeDefined();
    expect((await queued()).map(({ body }) => JSON.parse(body))).toEqual([
      { target: 'speech-engine', request: true, correlationId: 'ticket-7' },
    ]);
  });

  test('a leak report waits neither for a sweep message nor for another request', async () => {
    await sweepOnce();
    await work(await queued());
    await sweepOnce('again');
    const groups = new Set<string>();
    for (const [index, type] of (
      ['Rotation Requested', 'Credential Compromised'] as const
    ).entries()) {
      await ask({
        ...requestEvent(type, { target: 'speech-engine' }),
        id: `c0ffee00-0000-4000-8000-00000000000${index}`,
      });
    }
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: setup.work,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    for (const { Attributes } of Messages) groups.add(Attributes?.MessageGroupId ?? '');
    // the scan for orphans depends on the hour of the day
    expect([...groups].filter((group) => !group.startsWith('ORPHANS-')).sort()).toEqual([
      'speech-engine!credential-compromised',
      'speech-engine!rotation-requested',
    ]);
  });

  test('the request function accepts a leak report with an invalid correlation id', async () => {
    await sweepOnce();
    await work(await queued());
    for (const correlationId of ['', 'a b', 'x'.repeat(129), 7]) {
      await ask(requestEvent('Credential Compromised', { target: 'speech-engine', correlationId }));
    }
    expect((await ledgerOf('speech-engine')).current?.compromisedAt).toBeDefined();
    const sent = (await queued()).map(({ body }) => JSON.parse(body).correlationId);
    expect(new Set(sent)).toEqual(new Set([`request-${requestEvent('', {}).id}`]));
  });

  test('the request function logs who sent a request, and counts it', async () => {
    await sweepOnce();
    await work(await queued());
    printed.length = 0;
    const origin = { account: '111122223333', time: '2026-01-15T09:30:04Z' };
    await ask({
      ...requestEvent('Credential Compromised', { target: 'speech-engine' }),
      ...origin,
    });
    const lines = printed.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ request }) => request === 'Credential Compromised')).toMatchObject({
      requestSource: 'ops',
      requestAccount: origin.account,
      requestTime: origin.time,
      eventId: requestEvent('', {}).id,
      target: 'speech-engine',
    });
    expect(lines).toContainEqual(expect.objectContaining({ Requests: 1, fleet: fleet.id }));
  });

  test('the request function logs who sent a refused request', async () => {
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
    await expect(
      ask({ ...requestEvent('Rotation Requested', { target: 'nobody' }), account: '111122223333' }),
    ).rejects.toThrow();
    expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({
      level: 'ERROR',
      requestSource: 'ops',
      requestAccount: '111122223333',
    });
  });

  test('a message of the request function is valid for the worker', async () => {
    const { message } = await import('../../functions/shared/message.ts');
    const { CORRELATION_ID } = await import('../../lib/core/ids/correlation.ts');
    const ids = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 140 }),
      fc.stringMatching(CORRELATION_ID),
      fc.constant(undefined),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uuid(),
        fc.constantFrom(...inboundTypes.slice(0, 2)),
        ids,
        async (id, type, correlationId) => {
          await ask({ ...requestEvent(type, { target: 'speech-engine', correlationId }), id });
          const sent = (await queued()).map(({ body }) => message.safeParse(JSON.parse(body)));
          expect(sent.map(({ success }) => success)).toEqual([true]);
        },
      ),
      { numRuns: runs(40) },
    );
  });

  test.each([
    [
      'for a target that is not in the fleet',
      requestEvent('Rotation Requested', { target: 'nobody' }),
    ],
    ['without a target', requestEvent('Credential Compromised', {})],
    ['of another type', requestEvent('Please Rotate', { target: 'speech-engine' })],
    ['that is not an event', 'nonsense'],
  ])('the request function refuses a request %s, and rotates nothing', async (_what, event) => {
    await expect(ask(event)).rejects.toMatchObject({ code: 'bad-fleet' });
    expect(await queued()).toEqual([]);
  });
});

test('a function lists every problem of its environment at once, without secrets', async () => {
  vi.stubEnv('REKEY_INTERVAL', 'soon');
  vi.stubEnv('REKEY_QUEUE_URL', 'not a URL');
  vi.resetModules();
  await expect(sweepOnce()).rejects.toThrow(/REKEY_QUEUE_URL.*REKEY_INTERVAL/);
});
