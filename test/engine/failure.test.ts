import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { successors } from '../../lib/core/ids/label.ts';
import { announceRemoved } from '../../lib/core/jobs/removed.ts';
import { request } from '../../lib/core/jobs/requests.ts';
import { parseLedger } from '../../lib/core/ledger/index.ts';
import { sweep } from '../../lib/core/sweep/index.ts';
import { type Fault, htmlPage } from '../../lib/sandbox/faults.ts';
import { some, usualOnes } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

const json = (status: number, body: unknown, headers = {}): Fault => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Answers of a vendor to a create, with the error class that is announced. */
const vendorFaults: readonly [string, Fault, string, boolean][] = [
  ['401', json(401, {}), 'admin-refused', true],
  ['403', json(403, {}), 'forbidden', true],
  ['404', json(404, {}), 'not-found', true],
  ['409', json(409, {}), 'conflict', false],
  ['500', json(500, {}), 'provider-failed', false],
  ['500 after it was carried out', { status: 500, carriedOut: true }, 'provider-failed', false],
  ['a connection cut before', { cut: 'before' }, 'unreachable', false],
  ['a connection cut after', { cut: 'after' }, 'unreachable', false],
  ['half an answer', { truncate: true }, 'unreachable', false],
  ['a page', htmlPage(200), 'bad-answer', false],
  ['2 MB', json(200, { filler: 'x'.repeat(2_000_000) }), 'bad-answer', false],
  ['another JSON', json(201, { hello: 'world' }), 'bad-answer', false],
  [
    'no JSON',
    { status: 201, headers: { 'content-type': 'application/json' }, body: '{"id":' },
    'bad-answer',
    false,
  ],
];

describe.each(usualOnes)('%s', (provider) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(provider, {}, 'wire');
    await world.run();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
  });
  afterEach(() => world.close());

  test.each(vendorFaults)(
    'a create answered by %s: nothing is promoted or lost, and the reason is announced',
    async (_name, fault, errorClass, terminal) => {
      const before = (await world.ledger()).current;
      world.vendor.faults.next(/^POST /, fault, 10);
      const { steps } = await world.run();
      world.vendor.faults.clear();
      expect(steps.at(-1)?.error?.code).toBe(errorClass);
      const { current, pending } = await world.ledger();
      expect(current?.id).toBe(before?.id);
      expect(pending).toBeUndefined();
      expect(current?.backoff).toMatchObject({ failures: 1, code: errorClass });
      expect(world.events('Rotation Failed').map(({ detail }) => detail.data)).toMatchObject([
        { stage: 'issue', errorClass, failures: 1, terminal },
      ]);
      await world.holdsAtAnyTime();
      await world.live(3 * DAY);
      await world.holds();
      expect(world.enabled()).toHaveLength(1);
      expect((await world.ledger()).current?.id).not.toBe(before?.id);
    },
  );

  test.each([
    ['429', json(429, {})],
    ['429 with Retry-After', json(429, {}, { 'retry-after': '30' })],
    ['429 as a page', htmlPage(429)],
  ])(
    'a create answered by %s is repeated after a wait, and is no failure',
    async (_name, fault) => {
      const before = (await world.ledger()).current;
      world.vendor.faults.next(/^POST /, fault, 3);
      await world.run();
      const { current } = await world.ledger();
      expect(current?.id).not.toBe(before?.id);
      expect(world.events('Rotation Failed')).toEqual([]);
      await world.holds();
    },
  );

  test('a Retry-After longer than a run costs no label, event or call until it ends', async () => {
    world.vendor.faults.next(/^POST /, json(429, {}, { 'retry-after': '7200' }));
    const engine = world.worker();
    const { steps } = await world.run(engine);
    expect(steps.at(-1)?.error?.code).toBe('throttled');
    const { current } = await world.ledger();
    expect(current?.backoff).toBeUndefined();
    expect(world.events('Rotation Failed')).toEqual([]);
    const calls = world.vendor.requests.length;
    await world.clock.sleep(HOUR);
    await world.run(engine);
    expect(world.vendor.requests).toHaveLength(calls);
    await world.clock.sleep(HOUR);
    await world.run(engine);
    expect((await world.ledger()).current?.id).not.toBe(current?.id);
  });

  test('each failure in a row of a target makes its backoff longer', async () => {
    const pauses: number[] = [];
    for (let number = 0; number < 7; number++) {
      world.vendor.faults.next(/^POST /, json(403, {}));
      const { decision } = await world.run();
      expect(decision).toMatchObject({
        action: 'wait',
        reason: number < 4 ? 'backing-off' : 'paused',
      });
      if (!decision.at) throw new Error('no time to try again');
      pauses.push(Math.round((Number(decision.at) - world.clock.now().getTime()) / MINUTE));
      world.clock.jumpTo(decision.at);
    }
    expect(pauses).toEqual([1, 5, 30, 120, 480, 1440, 1440]);
    expect(world.events('Rotation Failed')).toHaveLength(7);
  });

  test('a requested rotation is retried every five minutes if its account fails', async () => {
    const pauses: number[] = [];
    for (let number = 0; number < 5; number++) {
      world.vendor.faults.next(/^POST /, json(500, {}));
      const { decision } = await world.run();
      if (decision.action !== 'wait' || !decision.at) throw new Error('no time to try again');
      pauses.push(Math.round((Number(decision.at) - world.clock.now().getTime()) / MINUTE));
      world.clock.jumpTo(decision.at);
    }
    expect(pauses).toEqual([1, 5, 5, 5, 5]);
  });

  test('a new credential that the registry refuses is discarded, never promoted', async () => {
    const before = (await world.ledger()).current;
    world.vendor.behaviour.delays.create = HOUR;
    await world.run();
    expect((await world.ledger()).current?.id).toBe(before?.id);
    expect(world.events('Rotation Failed').map(({ detail }) => detail.data)).toMatchObject([
      { stage: 'verify', errorClass: 'refused' },
    ]);
    await world.holdsAtAnyTime();
    world.vendor.behaviour.delays.create = 0;
    await world.live(3 * DAY);
    expect((await world.ledger()).current?.id).not.toBe(before?.id);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('the first credential of an empty secret is not current before it is proven', async () => {
    const empty = { ...world.target, name: 'empty', secret: 'rekey/acme/empty' };
    await world.secretsManager.send(new CreateSecretCommand({ Name: empty.secret }));
    const current = async () => {
      const snapshot = await world.worker().store.describe(empty.secret);
      return snapshot && parseLedger(snapshot).current;
    };
    world.vendor.behaviour.delays.create = HOUR;
    await world.run(world.worker(), empty);
    expect(await current()).toMatchObject({ pending: false, backoff: { code: 'refused' } });
    expect((await current())?.credential).toBeUndefined();
    world.vendor.behaviour.delays.create = 0;
    await world.live(DAY, empty);
    expect((await current())?.credential?.reason).toBe('never-issued');
  });

  test('a worker waits for a registry that learns of a credential late', async () => {
    world.vendor.behaviour.delays.create = 90_000;
    const { steps } = await world.run();
    expect(steps.every(({ error }) => !error)).toBe(true);
    expect(world.enabled()).toHaveLength(2);
  });

  test('a revoked credential that the registry still accepts is not reported dead', async () => {
    await world.run();
    await world.clock.sleep(DAY + HOUR);
    world.vendor.behaviour.delays.delete = 3 * HOUR;
    world.vendor.behaviour.delays.disable = 3 * HOUR;
    const { steps } = await world.run();
    expect(steps.map(({ error }) => error?.code)).toContain('still-accepted');
    expect(world.events('Credential Revoked')).toEqual([]);
    expect(world.events('Revocation Failed').map(({ detail }) => detail.data)).toMatchObject([
      { stage: 'prove', errorClass: 'still-accepted' },
    ]);
    await world.live(3 * DAY);
    expect(
      new Set(world.events('Credential Revoked').map(({ detail }) => detail.metadata.id)).size,
    ).toBe(1);
    await world.holds();
  });

  test('a registry that gives no verdict proves nothing, in either direction', async () => {
    const before = (await world.ledger()).current;
    world.vendor.registryFaults.next(/./, json(503, {}), 1_000);
    await world.run();
    expect((await world.ledger()).current?.id).toBe(before?.id);
    expect(world.events('Rotation Failed').map(({ detail }) => detail.data)).toMatchObject([
      { errorClass: 'unproven' },
    ]);
    world.vendor.registryFaults.clear();
    await world.live(3 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('a wrong admin secret is named in the error, and a right one is used at once', async () => {
    const { secretsManager, target } = world;
    const { SecretString } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: target.admin }),
    );
    await secretsManager.send(
      new PutSecretValueCommand({ SecretId: target.admin, SecretString: '{"tokn":"x"}' }),
    );
    const engine = world.worker();
    const { steps } = await world.run(engine);
    expect(steps.at(-1)?.error).toMatchObject({
      code: 'admin-missing',
      message: expect.stringContaining(target.admin),
    });
    await secretsManager.send(new PutSecretValueCommand({ SecretId: target.admin, SecretString }));
    await world.clock.sleep(MINUTE);
    expect((await world.run(engine)).steps.at(-1)?.error).toBeUndefined();
    await world.holds();
  });

  test('a version put by hand is replaced, the displaced one revoked after its grace', async () => {
    await world.run();
    const ours = (await world.ledger()).current;
    await world.secretsManager.send(
      new PutSecretValueCommand({ SecretId: world.target.secret, SecretString: 'made by hand' }),
    );
    await world.clock.sleep(20 * MINUTE);
    await world.run();
    const { current } = await world.ledger();
    expect(current?.credential?.reason).toBe('never-issued');
    await world.live(4 * DAY);
    expect(await world.accepts(ours?.id ?? '')).toBe('refused');
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('AWSCURRENT moved back by hand is followed, and nothing that is current dies', async () => {
    const first = (await world.ledger()).current;
    await world.run();
    const second = (await world.ledger()).current;
    await world.secretsManager.send(
      new UpdateSecretVersionStageCommand({
        SecretId: world.target.secret,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: first?.id,
        RemoveFromVersionId: second?.id,
      }),
    );
    await world.live(4 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('a deleted secret is not written to, and waits to be restored', async () => {
    await world.secretsManager.send(
      new DeleteSecretCommand({ SecretId: world.target.secret, RecoveryWindowInDays: 7 }),
    );
    const { decision } = await world.run();
    expect(decision).toMatchObject({ action: 'wait', reason: 'secret-missing' });
    expect(world.enabled()).toHaveLength(1);
  });

  test('throttling by Secrets Manager is an error for the caller; nothing is lost', async () => {
    world.aws.faults.next('secretsmanager.PutSecretValue', {
      error: 'ThrottlingException',
      status: 400,
    });
    await expect(world.run()).rejects.toMatchObject({ code: 'aws-failed' });
    await world.live(3 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('an event that could not be published is published later', async () => {
    world.aws.faults.next('events.PutEvents', { error: 'InternalException', status: 500 }, 2);
    await expect(world.run()).rejects.toMatchObject({ code: 'events-failed' });
    expect(world.events('Credential Rotated')).toHaveLength(1);
    await world.run();
    expect(world.events('Credential Rotated')).toHaveLength(2);
    await world.holds();
  });

  test('a used-up id whose label is gone is not chosen again and again', async () => {
    const { ledger, secretsManager, target } = world;
    const { current, arn } = await ledger();
    for (const id of [...successors(arn, current?.id ?? '')].slice(0, 3)) {
      await secretsManager.send(
        new PutSecretValueCommand({
          SecretId: target.secret,
          ClientRequestToken: id,
          SecretString: 'used up',
          VersionStages: ['gone'],
        }),
      );
      await secretsManager.send(
        new UpdateSecretVersionStageCommand({
          SecretId: target.secret,
          VersionStage: 'gone',
          RemoveFromVersionId: id,
        }),
      );
    }
    const { steps } = await world.run();
    expect(steps.map(({ decision, error }) => [decision.action, error])).toEqual([
      ['rotate', undefined],
    ]);
    await world.live(3 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('a dozen lost answers in a row use up neither ids nor labels', async () => {
    for (let number = 0; number < 12; number++) {
      world.vendor.faults.next(/^POST /, { cut: 'after' });
      const { decision } = await world.run();
      if (decision.action === 'wait' && decision.at) world.clock.jumpTo(decision.at);
    }
    world.vendor.faults.clear();
    expect(world.enabled().length).toBeLessThanOrEqual(2);
    await world.live(4 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
    expect((await world.ledger()).current?.credential?.reason).toBe('requested');
  });

  test('a removed target is announced once, and its credential is left alone', async () => {
    const engine = world.worker();
    for (let round = 0; round < 2; round++) {
      const { removed } = await sweep(engine, { id: 'acme', targets: [] });
      expect(removed).toHaveLength(1);
      for (const secret of removed) await announceRemoved(engine, 'acme', secret, 'test');
    }
    expect(world.events('Target Removed').map(({ detail }) => detail.data)).toMatchObject([
      { liveCredentials: 1 },
    ]);
    expect(world.enabled()).toHaveLength(1);
  });

  test('an aborted run stops', async () => {
    const { reconcile } = await import('../../lib/core/reconcile/index.ts');
    await expect(
      reconcile(world.worker(), world.target, {
        signal: AbortSignal.abort(new Error('time is up')),
        correlationId: 'x',
      }),
    ).rejects.toThrow('time is up');
  });
});

describe('a target that fails again and again', () => {
  let world: World;
  afterEach(() => world.close());
  const rotationFailures = () => world.events('Rotation Failed').length;

  test('a target is paused after five failures, announced once, and tried rarely', async () => {
    world = await createWorld(some.disabling);
    world.vendor.faults.next(/POST/, { status: 403 }, 1000);
    await world.live(10 * HOUR);
    expect(rotationFailures()).toBe(5);
    expect(world.events('Target Paused')).toMatchObject([
      { detail: { data: { failures: 5, errorClass: 'forbidden' } } },
    ]);
    expect((await world.run()).decision).toMatchObject({ action: 'wait', reason: 'paused' });
    await world.live(3 * DAY);
    expect(rotationFailures()).toBe(8);
    expect(world.events('Target Paused')).toHaveLength(1);
  });

  test('a paused target resumes on a request or a change of its parameters', async () => {
    for (const resume of ['request', 'change'] as const) {
      world = await createWorld(some.disabling);
      await world.run();
      world.vendor.faults.next(/POST/, { status: 403 }, 5);
      await world.clock.sleep(31 * DAY);
      await world.live(10 * HOUR);
      expect((await world.run()).decision.reason, resume).toBe('paused');
      const changed = { ...world.target, spec: 'beef0002' };
      if (resume === 'request')
        await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
      await world.run(world.worker(), resume === 'request' ? world.target : changed);
      expect((await world.ledger()).current?.credential?.reason, resume).toBe(
        resume === 'request' ? 'requested' : 'spec-changed',
      );
      await world.close();
    }
    world = await createWorld(some.disabling);
  });

  test('a paused target still has its superseded credential revoked', async () => {
    world = await createWorld(some.disabling);
    await world.run();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    await world.run();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    world.vendor.faults.next(/POST/, { status: 403 }, 1000);
    await world.live(3 * DAY);
    expect(world.events('Target Paused')).toHaveLength(1);
    expect(world.alive()).toHaveLength(1);
    await world.holds();
  });
});
