import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InboundType } from '../../lib/core/events/index.ts';
import { request } from '../../lib/core/requests.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

/** Something that happens in the life of a target. */
type Happening =
  | { readonly what: 'time passes'; readonly ms: number }
  | { readonly what: 'a worker runs' }
  | { readonly what: 'a worker dies'; readonly effect: number; readonly moment: 'before' | 'after' }
  | { readonly what: 'two workers run'; readonly effect: number }
  | { readonly what: 'somebody asks'; readonly type: InboundType }
  | { readonly what: 'the vendor fails'; readonly status: number; readonly carriedOut: boolean }
  | { readonly what: 'the registry fails' }
  | { readonly what: 'the registry is slow to learn'; readonly ms: number }
  | { readonly what: 'AWS fails'; readonly operation: string; readonly carriedOut: boolean }
  | { readonly what: 'somebody edits the secret' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(MINUTE, 7 * MINUTE, 20 * MINUTE, HOUR, 6 * HOUR, DAY, 9 * DAY)
      .map((ms) => ({ what: 'time passes', ms }) as const),
  },
  { weight: 5, arbitrary: fc.constant({ what: 'a worker runs' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('a worker dies' as const),
      effect: fc.integer({ min: 1, max: 14 }),
      moment: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('two workers run' as const), effect: fc.integer({ min: 1, max: 14 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('somebody asks' as const),
      type: fc.constantFrom('Rotation Requested' as const, 'Credential Compromised' as const, 'Rollback Requested' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('the vendor fails' as const),
      status: fc.constantFrom(401, 409, 429, 500),
      carriedOut: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'the registry fails' } as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 30_000, 10 * MINUTE).map((ms) => ({ what: 'the registry is slow to learn', ms }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('AWS fails' as const),
      operation: fc.constantFrom(
        'secretsmanager.PutSecretValue',
        'secretsmanager.UpdateSecretVersionStage',
        'secretsmanager.DescribeSecret',
        'events.PutEvents',
      ),
      carriedOut: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'somebody edits the secret' } as const) },
);

async function happen(world: World, it: Happening): Promise<void> {
  if (it.what === 'time passes') world.clock.jumpTo(new Date(world.clock.now().getTime() + it.ms));
  if (it.what === 'a worker runs') await world.run().catch(() => {});
  if (it.what === 'a worker dies') await world.crash(it.effect, it.moment);
  if (it.what === 'two workers run') await world.stall(it.effect, () => world.run().catch(() => {}));
  if (it.what === 'somebody asks') await request(world.worker().store, world.clock, it.type, world.target).catch(() => {});
  if (it.what === 'the vendor fails') world.vendor.faults.next(/./, { status: it.status, carriedOut: it.carriedOut });
  if (it.what === 'the registry fails') world.vendor.registryFaults.next(/./, { status: 503 }, 4);
  if (it.what === 'the registry is slow to learn')
    Object.assign(world.vendor.behaviour.delays, { create: it.ms, disable: it.ms, delete: it.ms });
  if (it.what === 'AWS fails')
    world.aws.faults.next(it.operation, { error: 'InternalServiceError', status: 500, carriedOut: it.carriedOut });
  if (it.what === 'somebody edits the secret') {
    await world.secretsManager.send(new PutSecretValueCommand({ SecretId: world.target.secret, SecretString: 'by hand' }));
  }
}

/** One history, and after it a quiet time in which everything has to come to rest. */
async function lived(provider: string, history: readonly Happening[]): Promise<void> {
  const world = await createWorld(provider, { interval: 10 * DAY, grace: DAY });
  try {
    for (const it of history) {
      await happen(world, it);
      world.aws.faults.clear();
      await world.stands();
    }
    world.vendor.faults.clear();
    world.vendor.registryFaults.clear();
    Object.assign(world.vendor.behaviour.delays, { create: 0, disable: 0, delete: 0 });
    await world.live(8 * DAY);
    await world.holds();
    expect(world.enabled().length).toBeLessThanOrEqual(2);
    expect((await world.ledger()).current?.credential).toBeDefined();
  } finally {
    await world.close();
  }
}

test.each(['ionos', 'deepgram'])('%s: whatever happens, nothing is lost, and it comes to rest', async (provider) => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 25 }), (history) => lived(provider, history)),
    { numRuns: Number(process.env.HISTORIES ?? 30) },
  );
});
