import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { boundedCalls } from '../../lib/aws/calls.ts';
import { secretsManagerStore } from '../../lib/aws/secret-store.ts';
import { MINUTE } from '../../lib/core/time.ts';
import { some } from '../support/providers.ts';
import { createWorld } from '../support/world.ts';

/** The error with which the SDK's own handler gives up a call. */
const timedOut = () =>
  Object.assign(new Error('no answer'), { name: 'TimeoutError', code: 'ETIMEDOUT' });

/**
 * A world whose rotation is due, and a worker with the same SDK client as the functions. `held`
 * replaces the answer to its first request that makes the candidate current. After each request
 * the credential of AWSCURRENT is checked at the registry.
 */
async function setUp(
  held: (
    world: Awaited<ReturnType<typeof createWorld>>,
    send: () => Promise<unknown>,
  ) => Promise<void>,
) {
  const world = await createWorld(some.disabling);
  onTestFinished(() => world.close());
  await world.run();
  const first = (await world.ledger()).current?.id;
  world.clock.jumpTo(new Date(world.clock.now().getTime() + world.target.interval));
  const outcomes: string[] = [];
  const look = async () =>
    outcomes.push(await world.accepts((await world.ledger()).current?.id ?? ''));
  const { requestHandler } = world.aws;
  let promotions = 0;
  const client = new SecretsManagerClient({
    ...boundedCalls,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      ...requestHandler,
      async handle(
        request: Parameters<typeof requestHandler.handle>[0],
        options: { abortSignal?: unknown },
      ) {
        const send = () => requestHandler.handle(request, options);
        const body = Buffer.from(request.body as Uint8Array).toString();
        if (body.includes('"VersionStage":"AWSCURRENT"') && ++promotions === 1) {
          await held(world, send);
          await look();
          throw timedOut();
        }
        const answer = await send();
        await look();
        return answer;
      },
    },
  });
  const engine = { ...world.worker(), store: secretsManagerStore(client) };
  return { world, engine, first, outcomes, promotions: () => promotions };
}

test('a promotion that is held up until its candidate is revoked is not sent again', async () => {
  const { world, engine, first, outcomes, promotions } = await setUp(
    async ({ clock, vendor, run, alive }) => {
      clock.jumpTo(new Date(clock.now().getTime() + 16 * MINUTE));
      // the other worker discards the candidate, and cannot issue another
      vendor.faults.next(/POST/, { status: 500 }, 9);
      await run();
      vendor.faults.clear();
      expect(alive()).toHaveLength(1);
    },
  );
  await world.run(engine).catch(() => {});
  expect(new Set(outcomes), 'AWSCURRENT is accepted at every moment').toEqual(
    new Set(['accepted']),
  );
  expect(promotions(), 'it was not repeated').toBe(1);
  expect((await world.ledger()).current?.id).toBe(first);
  await world.live(3 * 60 * MINUTE);
  expect((await world.ledger()).current?.id).not.toBe(first);
  await world.holds();
});

test('a promotion that fails is retried in the same run, after reading the secret', async () => {
  const { world, engine, first, outcomes, promotions } = await setUp(async () => {});
  await world.run(engine);
  expect(promotions()).toBe(2);
  expect(new Set(outcomes)).toEqual(new Set(['accepted']));
  expect((await world.ledger()).current?.id).not.toBe(first);
  expect(world.events('Credential Rotated')).toHaveLength(2);
  await world.holds();
});

test('a promotion whose answer is lost is not repeated, and is announced once', async () => {
  const { world, engine, first, promotions } = await setUp(
    async (_world, send) => void (await send()),
  );
  await world.run(engine);
  expect(promotions()).toBe(1);
  expect((await world.ledger()).current?.id).not.toBe(first);
  expect(world.events('Credential Rotated')).toHaveLength(2);
  await world.holds();
});

test('a promotion whose lease ends before its request leaves is not sent', async () => {
  const { world, engine, first, outcomes } = await setUp(async () => {});
  const { store } = engine;
  const slow: typeof store = {
    ...store,
    label(secret, label, move, options) {
      if (label === 'AWSCURRENT')
        world.clock.jumpTo(new Date(world.clock.now().getTime() + 11 * MINUTE));
      return store.label(secret, label, move, options);
    },
  };
  const { steps } = await world.run({ ...engine, store: slow });
  expect(steps.at(0)?.error).toMatchObject({ code: 'unproven' });
  expect(new Set(outcomes)).toEqual(new Set(['accepted']));
  expect((await world.ledger()).current?.id).toBe(first);
});
