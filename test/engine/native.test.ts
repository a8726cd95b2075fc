import { CancelRotateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { request } from '../../lib/core/jobs/requests.ts';
import { type Engine, type RotationStep, rotationStep } from '../../lib/core/reconcile/index.ts';
import type { RotationEvent } from '../../lib/sandbox/aws/index.ts';
import { crashing } from '../support/effects.ts';
import { everyEffect } from '../support/every-effect.ts';
import { oneOfEach, some } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

const LAMBDA = 'arn:aws:lambda:eu-central-1:000000000000:function:native-rotation';

let worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds) await world.close();
  worlds = [];
});

/**
 * A world whose target Secrets Manager rotates. Its four steps run on the engine that `engine`
 * returns.
 */
async function nativeWorld(
  provider: string,
  engine: (world: World) => Engine = (world) => world.worker(),
) {
  const world = await createWorld(provider, { driver: 'secrets-manager' });
  worlds.push(world);
  const step = (name: RotationStep, version: string, by = world.worker(), rotationToken?: string) =>
    rotationStep(by, world.target, { step: name, version, rotationToken }, options);
  world.aws.functions.register<RotationEvent>(
    LAMBDA,
    ({ Step, ClientRequestToken, RotationToken }) =>
      step(Step, ClientRequestToken, engine(world), RotationToken),
  );
  const rotate = (more: object = {}) =>
    world.secretsManager.send(
      new RotateSecretCommand({
        SecretId: world.target.secret,
        RotationLambdaARN: LAMBDA,
        ...more,
      }),
    );
  await rotate({ RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 30 } });
  await world.aws.idle();
  /** Secrets Manager's rotation, as a person or its schedule starts it. */
  const rotateNow = async () => {
    const { VersionId = '' } = await rotate();
    await world.aws.idle();
    return VersionId;
  };
  /** A worker run, and what Secrets Manager does because of it. */
  const work = async () => {
    const outcome = await world.run();
    await world.aws.idle();
    return outcome;
  };
  const live = async (ms: number) => {
    const end = world.clock.now().getTime() + ms;
    for (let round = 0; round < 200 && world.clock.now().getTime() < end; round++) {
      const { decision } = await work();
      const next = decision.action === 'wait' ? decision.at : world.clock.now();
      if (!next || next.getTime() > end) break;
      world.clock.jumpTo(next);
    }
    await work();
  };
  return { world, step, rotateNow, work, live };
}
const options = { signal: new AbortController().signal, correlationId: 'test' };

describe.each(oneOfEach(['lists', 'disables', 'readsAgain'], { revokes: true, cramped: false }))(
  '%s, driven by Secrets Manager',
  (provider) => {
    test('setting up rotation issues nothing; the first worker requests a credential', async () => {
      const { world, work } = await nativeWorld(provider);
      expect(world.alive()).toEqual([]);
      await work();
      await world.holds();
      expect(world.enabled()).toHaveLength(1);
      expect(world.events('Credential Rotated')).toMatchObject([
        { detail: { data: { reason: 'never-issued' } } },
      ]);
    });

    test('RotateSecret rotates into its version; rekey gives the grace and revokes', async () => {
      const { world, rotateNow, work, live } = await nativeWorld(provider);
      await work();
      const first = (await world.ledger()).current;
      await world.clock.sleep(HOUR);
      const version = await rotateNow();
      const { current, pending } = await world.ledger();
      expect([current?.id, current?.credential?.reason, pending]).toEqual([
        version,
        'requested',
        undefined,
      ]);
      expect(await world.accepts(first?.id ?? '')).toBe('accepted');
      await live(4 * DAY);
      await world.holds();
      expect(world.enabled()).toHaveLength(1);
      expect(
        world.events('Credential Revoked').length + world.events('Credential Expired').length,
      ).toBeGreaterThan(0);
    });

    test('every rotation step may come twice, and late', async () => {
      const { world, step, rotateNow, work } = await nativeWorld(provider);
      await work();
      await world.clock.sleep(HOUR);
      const version = await rotateNow();
      const before = await world.ledger();
      for (const name of [
        'createSecret',
        'createSecret',
        'setSecret',
        'testSecret',
        'finishSecret',
        'finishSecret',
      ] as const) {
        await step(name, version);
      }
      expect(await world.ledger()).toEqual(before);
      await world.holds();
    });
  },
);

// a provider that cannot list is left out: its lost credentials end only by their expiry
describe.each([some.disabling, some.readable])('%s, driven by Secrets Manager', (provider) => {
  test.each(['before', 'after'] as const)(
    'a crash %s any effect of a rotation step loses nothing once Secrets Manager retries',
    async (moment) => {
      for (const effect of everyEffect()) {
        let dead = false;
        const engines: { engine: Engine; died: () => boolean }[] = [];
        const { world, work, live, rotateNow } = await nativeWorld(provider, (of) => {
          // one worker, warm over the four steps, dies once; every later worker is fresh
          if (!engines[0] && dead) engines.push(crashing(of.worker(), effect, moment));
          return engines[0] && !engines[0].died() ? engines[0].engine : of.worker();
        });
        await work();
        await world.clock.sleep(HOUR);
        dead = true;
        await rotateNow();
        await expect(world.holdsAtAnyTime(), `${moment} effect ${effect}`).resolves.toBeUndefined();
        await live(4 * DAY);
        await expect(world.holds(), `${moment} effect ${effect}`).resolves.toBeUndefined();
        expect(world.enabled(), `${moment} effect ${effect}`).toHaveLength(1);
        expect(effect.kinds.length).toBeGreaterThan(0);
      }
    },
  );
});

describe('a target that Secrets Manager drives', () => {
  test('createSecret issues one credential if it comes twice before the other steps', async () => {
    const { world, step, work, rotateNow } = await nativeWorld(some.disabling);
    await work();
    await world.clock.sleep(HOUR);
    world.aws.functions.register<RotationEvent>(LAMBDA, async ({ Step, ClientRequestToken }) => {
      await step(Step, ClientRequestToken);
      await step(Step, ClientRequestToken);
    });
    await rotateNow();
    expect(world.vendor.requests.filter((line) => line.startsWith('POST'))).toHaveLength(2);
    expect(world.events('Rotation Failed')).toEqual([]);
    await world.holds();
  });

  test('a compromise rotates a driven target, and its old credential dies at once', async () => {
    const { world, work } = await nativeWorld(some.disabling);
    await work();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Credential Compromised', world.target);
    await work();
    await work();
    expect((await world.ledger()).current?.credential?.reason).toBe('compromised');
    expect(world.enabled()).toHaveLength(1);
  });

  test('while Secrets Manager does nothing, each run calls RotateSecret once', async () => {
    const { world } = await nativeWorld(some.disabling);
    await world.secretsManager.send(
      new CancelRotateSecretCommand({ SecretId: world.target.secret }),
    );
    world.aws.functions.register(LAMBDA, async () => Promise.reject(new Error('out of order')));
    world.aws.calls.reset();
    expect((await world.run()).decision).toMatchObject({ action: 'wait', reason: 'tried' });
    expect(world.aws.calls.count('secretsmanager.RotateSecret')).toBe(1);
    await world.run();
    expect(world.aws.calls.count('secretsmanager.RotateSecret')).toBe(2);
  });

  test('RotateSecret issues no second credential within fifteen minutes', async () => {
    const { world, work, rotateNow } = await nativeWorld(some.disabling);
    await work();
    await world.clock.sleep(MINUTE);
    await rotateNow();
    expect(world.enabled()).toHaveLength(1);
    expect((await world.run()).decision.reason).toBe('waiting');
    expect(world.events('Rotation Failed')).toEqual([]);
    expect(
      (await world.ledger()).started,
      'the rotation is over, and a rollback may begin',
    ).toBeUndefined();
  });

  test('retries by Secrets Manager within seconds count as one failure', async () => {
    const { world, work } = await nativeWorld(some.disabling);
    world.vendor.faults.next(/POST/, { status: 403 }, 4);
    await work();
    expect(world.events('Rotation Failed')).toHaveLength(1);
    expect((await world.ledger()).current?.backoff?.failures).toBe(1);
  });

  test('a failed native rotation is announced, and retried after its backoff', async () => {
    const { world, work, live } = await nativeWorld(some.disabling);
    world.vendor.faults.next(/POST/, { status: 403 }, 4);
    await work();
    expect(world.alive()).toEqual([]);
    expect(world.events('Rotation Failed').length).toBeGreaterThan(0);
    await live(2 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('a promotion is announced although another native rotation began meanwhile', async () => {
    const { world, rotateNow, work } = await nativeWorld(some.disabling);
    world.aws.faults.next('events.PutEvents', { error: 'InternalException' }, 1000);
    await work();
    const first = (await world.ledger()).current?.id;
    expect(world.events('Credential Rotated')).toEqual([]);
    await world.clock.sleep(HOUR);
    await rotateNow();
    const second = (await world.ledger()).current?.id;
    expect(second).not.toBe(first);
    world.aws.faults.clear();
    await work();
    const announced = world
      .events('Credential Rotated')
      .map(({ detail }) => (detail.data as { versionId: string }).versionId);
    expect(announced).toEqual([first, second]);
  });

  test('a rollback requested before a native rotation began ends that rotation', async () => {
    const { world, rotateNow, work } = await nativeWorld(some.disabling);
    await work();
    const first = (await world.ledger()).current?.id;
    await world.clock.sleep(HOUR);
    await rotateNow();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
    world.aws.functions.register(LAMBDA, async () => Promise.reject(new Error('out of order')));
    await rotateNow();
    expect((await world.ledger()).started).toBeDefined();
    await world.run();
    const { current, started } = await world.ledger();
    expect([current?.id, started]).toEqual([first, undefined]);
    expect(world.events('Rolled Back')).toHaveLength(1);
    await world.holds();
  });

  test('a requested native rotation costs at most 14 AWS calls', async () => {
    const { world, work, rotateNow } = await nativeWorld(some.disabling);
    await work();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    world.aws.calls.reset();
    await work();
    const calls = world.aws.calls.all().length;
    expect((await world.ledger()).current?.credential?.reason).toBe('requested');
    expect(calls).toBeLessThanOrEqual(14);
    expect(rotateNow).toBeDefined();
  });

  test('a rotation step for a version that is not staged is refused', async () => {
    const { world, step } = await nativeWorld(some.disabling);
    await expect(
      step('createSecret', 'e7b0a1f2-0000-4000-8000-000000000000'),
    ).rejects.toMatchObject({ code: 'rejected' });
    expect(world.alive()).toEqual([]);
  });
});
