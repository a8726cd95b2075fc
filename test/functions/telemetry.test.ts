import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { guarded, logger } from '../../functions/shared/log.ts';
import { eventMetrics, stepMetrics, sweepMetrics } from '../../functions/shared/metrics.ts';
import { RekeyError } from '../../lib/core/errors.ts';
import { aTarget, DAY } from '../support/snapshot.ts';

let printed: string[];
beforeEach(() => {
  printed = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
  onTestFinished(() => void vi.restoreAllMocks());
});
const lines = () => printed.map((line) => JSON.parse(line) as Record<string, unknown>);

/** An EMF line: its values and sets of dimensions. */
const metrics = () =>
  lines().map(({ _aws, ...values }) => {
    const { Namespace, Dimensions } = (
      _aws as { CloudWatchMetrics: [{ Namespace: string; Dimensions: string[][] }] }
    ).CloudWatchMetrics[0];
    return { Namespace, Dimensions, ...values };
  });

describe('the log', () => {
  const canary = 'canary-51c7';
  const leaky = Object.assign(new Error(`sent ${canary}`, { cause: new Error(canary) }), {
    request: { authorization: canary },
  });

  test('the log shows the class of an error, and its message only for a RekeyError', () => {
    logger.error('went wrong', leaky);
    logger.error('went wrong', new RekeyError('throttled', 'too many calls', { cause: leaky }));
    expect(printed.join('')).not.toContain(canary);
    expect(lines()).toMatchObject([
      { level: 'ERROR', error: { errorClass: 'Error', message: 'failed unexpectedly' } },
      { level: 'ERROR', error: { errorClass: 'throttled', message: 'too many calls' } },
    ]);
  });

  test('a handler rethrows an error’s class, and its message only for a RekeyError', async () => {
    const failing = guarded(async () => Promise.reject(leaky));
    const error = (await failing({}).catch((caught: unknown) => caught)) as Error;
    expect(JSON.stringify([error.message, error.stack, error.cause, { ...error }])).not.toContain(
      canary,
    );
    expect(printed.join('')).not.toContain(canary);
    const ours = guarded(async () =>
      Promise.reject(new RekeyError('bad-fleet', 'no such target', { cause: leaky })),
    );
    expect(await ours({}).catch((caught: Error) => caught.cause)).toBeUndefined();
    await expect(ours({})).rejects.toMatchObject({ code: 'bad-fleet', message: 'no such target' });
  });
});

describe('metrics', () => {
  const target = aTarget();
  const step = {
    target,
    decision: { action: 'rotate', reason: 'too-old', message: '', at: new Date(0) },
  } as const;

  test('sweep metrics are per fleet, and ages per provider too, for any number of targets', () => {
    const ages = Array.from({ length: 250 }, (_, index) => ({
      target: `t${index}`,
      provider: 'ionos',
      age: DAY,
      interval: 2 * DAY,
    }));
    const troubles = [
      { target: 'a', provider: 'ionos', kind: 'failing', detail: 'quota' } as const,
      { target: 'a', provider: 'ionos', kind: 'failing', detail: 'quota' } as const,
    ];
    sweepMetrics('acme', { troubles, ages, removed: [] }, { due: 4, waiting: 2 });
    const [counts, ...others] = metrics();
    expect(counts).toMatchObject({
      Namespace: 'rekey',
      Dimensions: [['fleet']],
      SweepsCompleted: 1,
      TargetsDue: 4,
      TargetsWaiting: 2,
      TargetsFailing: 1,
    });
    expect(
      others.every(
        ({ Dimensions }) => JSON.stringify(Dimensions) === '[["fleet"],["fleet","provider"]]',
      ),
    ).toBe(true);
    const values = (name: string) =>
      others.flatMap((line) => (line as Record<string, unknown>)[name] ?? []);
    expect(values('CredentialAge')).toEqual(Array(250).fill(86_400));
    expect(values('CredentialAgeRatio')).toEqual(Array(250).fill(0.5));
  });

  test('step metrics are per fleet, and per provider and reason', () => {
    stepMetrics(step);
    stepMetrics({ ...step, error: new RekeyError('quota', 'full') });
    expect(metrics()).toMatchObject([
      {
        Dimensions: [['fleet'], ['fleet', 'provider', 'reason']],
        fleet: 'acme',
        provider: 'ionos',
        reason: 'too-old',
        Rotations: 1,
      },
      { Dimensions: [['fleet'], ['fleet', 'provider', 'reason']], reason: 'quota', Failures: 1 },
    ]);
  });

  test('event metrics count orphans and abandoned revocations, and no other event', () => {
    for (const type of ['Orphan Revoked', 'Revocation Abandoned', 'Credential Rotated'])
      eventMetrics('acme', type, 'ionos');
    expect(metrics()).toMatchObject([{ OrphansRevoked: 1 }, { RevocationsAbandoned: 1 }]);
    expect(metrics()[0]).toMatchObject({
      Dimensions: [['fleet'], ['fleet', 'provider']],
      fleet: 'acme',
      provider: 'ionos',
    });
  });
});

test('a sampled invocation has an annotated subsegment for each transition', async () => {
  const daemon = createSocket('udp4');
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  onTestFinished(() => void daemon.close());
  const root = '1-5759e988-bd862e3fe1be46a994272793';
  const env = {
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    LAMBDA_TASK_ROOT: '/var/task',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    _X_AMZN_TRACE_ID: `Root=${root};Parent=53995c3f42cd8ad8;Sampled=1`,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { traced } = await import('../../functions/shared/trace.ts');
  const decision = { action: 'rotate', reason: 'too-old', message: '', at: new Date(0) } as const;
  const sent = once(daemon, 'message');
  const done: string[] = [];
  await traced(
    { target: aTarget(), decision, correlationId: 'sweep-1' },
    async () => void done.push('work'),
  );
  const [datagram] = (await sent) as [Buffer];
  expect(done).toEqual(['work']);
  expect(JSON.parse(datagram.toString().split('\n')[1] ?? '')).toMatchObject({
    name: 'rotate',
    trace_id: root,
    annotations: { target: 'app', provider: 'ionos', reason: 'too-old', correlationId: 'sweep-1' },
  });
});
