import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { boundedCalls, type Limits } from '../../lib/aws/calls.ts';
import { eventBridgeSink } from '../../lib/aws/event-sink.ts';
import { sqsQueue } from '../../lib/aws/queue.ts';
import { requestPublisher } from '../../lib/aws/requests.ts';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import { RekeyError } from '../../lib/core/errors.ts';
import type { RekeyEvent } from '../../lib/core/events/index.ts';
import { Secret } from '../../lib/core/secret.ts';
import { authority } from '../support/certificates.ts';
import { collect, versionId } from '../support/embedded-aws.ts';
import { type Hostile, hostile, misdeeds } from '../support/hostile.ts';
import { aTarget } from '../support/snapshot.ts';

// the test’s own timeout catches a call that never settles; nothing else here measures time
const DEADLINE = 150;

const event = {
  source: 'rekey',
  detailType: 'Credential Rotated',
  time: new Date(0),
  resources: [],
  detail: { metadata: { id: 'id' }, data: {} },
} as unknown as RekeyEvent;

/** Every AWS call of rekey, with clients as the functions and the CLI create them. */
function callsTo(url: string, limits: Limits, change: object = {}) {
  const config = {
    ...boundedCalls,
    requestHandler: { ...boundedCalls.requestHandler, ...change },
    region: 'eu-central-1',
    endpoint: url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const clients = [
    new SecretsManagerClient(config),
    new EventBridgeClient(config),
    new SQSClient(config),
  ] as const;
  onTestFinished(() => {
    for (const client of clients) client.destroy();
  });
  const [secretsManager, eventBridge, sqs] = clients;
  const clock = { sleep: async () => {} };
  const store = secretsManagerStore(secretsManager, limits);
  const calls: Record<string, (signal?: AbortSignal) => Promise<unknown>> = {
    ListSecrets: (signal) => collect(store.list('acme', signal)),
    DescribeSecret: (signal) => store.describe('app', signal),
    GetSecretValue: (signal) => store.read('app', versionId(0), signal),
    PutSecretValue: () => store.put('app', versionId(1), new Secret('hunter2'), ['mine']),
    UpdateSecretVersionStage: (signal) =>
      store.label('app', 'mine', { to: versionId(0) }, { signal }),
    'UpdateSecretVersionStage, checked': (signal) =>
      store.label('app', 'mine', { to: versionId(0) }, { signal, beforeSend: () => {} }),
    RotateSecret: (signal) => store.rotate('app', versionId(1), signal),
    PutEvents: (signal) =>
      eventBridgeSink(eventBridge, 'default', clock, limits).publish([event], signal),
    'PutEvents of a request': () =>
      requestPublisher(
        eventBridge,
        'default',
        clock,
        limits,
      )('Rotation Requested', aTarget(), 'cli-1'),
    SendMessageBatch: () =>
      sqsQueue(sqs, `${url}/work.fifo`, limits).send([
        { group: 'a', deduplicationId: 'a', body: '{}' },
      ]),
  };
  return calls;
}

const names = [
  ...[
    'ListSecrets',
    'DescribeSecret',
    'GetSecretValue',
    'PutSecretValue',
    'UpdateSecretVersionStage',
  ],
  ...[
    'UpdateSecretVersionStage, checked',
    'RotateSecret',
    'PutEvents',
    'PutEvents of a request',
    'SendMessageBatch',
  ],
];
const failed = (call: Promise<unknown> | undefined) =>
  (call ?? Promise.resolve()).then(
    () => undefined,
    (error: unknown) => error,
  );
const at = ({ host }: Hostile) => `http://${host}`;

/** The log output that the SDK has for developers. */
function terminal() {
  const spies = [
    vi.spyOn(console, 'warn'),
    vi.spyOn(console, 'error'),
    vi.spyOn(process, 'emitWarning'),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return () => spies.flatMap((spy) => spy.mock.calls);
}

describe.each(names)('%s', (name) => {
  test.each([
    'is silent',
    'sends its headers byte by byte',
    'sends its body byte by byte',
    'switches protocols (101)',
  ])(
    `${name} fails within its deadline if the server %s, and writes nothing to the terminal`,
    async (misdeed) => {
      const written = terminal();
      const server = await hostile(misdeeds[misdeed] ?? (() => undefined));
      const error = await failed(callsTo(at(server), { deadline: DEADLINE })[name]?.());
      expect(error).toBeInstanceOf(RekeyError);
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(aws|events)-failed$/),
        retryable: true,
      });
      expect(written()).toEqual([]);
    },
  );

  test(`${name} fails within the SDK’s own timeouts if the server is silent`, async () => {
    const written = terminal();
    const server = await hostile(misdeeds['is silent'] ?? (() => undefined));
    const error = await failed(callsTo(at(server), {}, { requestTimeout: 20 })[name]?.());
    expect(error).toMatchObject({ code: expect.stringMatching(/^(aws|events)-failed$/) });
    expect(String(error)).toContain('TimeoutError');
    expect(server.requests).toHaveLength(name.endsWith('checked') ? 1 : boundedCalls.maxAttempts);
    expect(written()).toEqual([]);
  });
});

describe('an aborted signal', () => {
  const over = new Error('over');

  test('a signal ends every AWS call with its reason, except one that stores a value', async () => {
    const server = await hostile(misdeeds['sends its body byte by byte'] ?? (() => undefined));
    const calls = callsTo(at(server), { deadline: DEADLINE * 2 });
    for (const name of [
      'ListSecrets',
      'DescribeSecret',
      'GetSecretValue',
      'UpdateSecretVersionStage',
      'RotateSecret',
      'PutEvents',
    ]) {
      const stop = new AbortController();
      const call = failed(calls[name]?.(stop.signal));
      setTimeout(() => stop.abort(over), 10);
      expect(await call, name).toBe(over);
    }
    const stop = new AbortController();
    const everything = callsTo(at(server), { deadline: DEADLINE, signal: stop.signal });
    stop.abort(over);
    for (const name of names) {
      const wanted = name === 'PutSecretValue' ? { code: 'aws-failed' } : over;
      expect(await failed(everything[name]?.()), name).toMatchObject(wanted);
    }
  });

  test('a signal that is aborted before an AWS call lets nothing be sent', async () => {
    const server = await hostile(misdeeds['is silent'] ?? (() => undefined));
    expect(await failed(callsTo(at(server), {}).DescribeSecret?.(AbortSignal.abort(over)))).toBe(
      over,
    );
    expect(server.requests).toEqual([]);
  });
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 does not make AWS calls trust any server', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = await hostile(misdeeds['is silent'] ?? (() => undefined), authority().issue());
  for (const name of names) {
    const error = await failed(callsTo(`https://${server.host}`, { deadline: 5000 })[name]?.());
    expect(error, name).toMatchObject({ code: expect.stringMatching(/^(aws|events)-failed$/) });
  }
  expect(server.requests).toEqual([]);
});
