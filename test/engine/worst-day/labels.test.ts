import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../lib/core/reconcile/index.ts';
import { SECOND } from '../../../lib/core/time.ts';
import { usualOnes } from '../../support/providers.ts';
import { hostileLabels, takeLabelsOff, valueByHand } from './hands.ts';
import type { World } from './setup.ts';
import {
  current,
  currentState,
  DAY,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  registryBack,
  registrySilent,
  request,
  rotationRequested,
  state,
  vendorDown,
  vendorUp,
  worlds,
} from './setup.ts';
import { badRelease, dying, theMove } from './workers.ts';

const { open, close } = worlds();
afterEach(close);

/** Hundreds of runs check a silent registry, for ten seconds each instead of two minutes. */
const verify = { within: 10 * SECOND, every: HOUR };

describe.each(usualOnes)('%s', (provider) => {
  test.each([
    ['two hours', 2 * HOUR],
    ['a day', DAY],
  ])(
    'After a release that threw after each create for %s, the next one rotates on request',
    async (_long, ms) => {
      const world = await open(provider);
      const first = await rotationRequested(world);
      await pass(world, ms, { worker: () => badRelease(world) });
      await request(world, 'Rotation Requested');
      await pass(world, 10 * MINUTE);
      expect((await current(world)).id).not.toBe(first.id);
      await pass(world, 4 * DAY);
      expect(world.enabled()).toHaveLength(1);
      expect(await currentState(world)).toBe('enabled');
    },
  );

  test('After a release that threw on create, a compromise ends within half an hour', async () => {
    const world = await open(provider);
    const leaked = await rotationRequested(world);
    await pass(world, 3 * HOUR, { worker: () => badRelease(world) });
    await request(world, 'Credential Compromised');
    await pass(world, 30 * MINUTE);
    expect(['disabled', 'deleted']).toContain(state(world, leaked));
    expect(await currentState(world)).toBe('enabled');
  });

  test('After a rollback, used-up ids of next versions delay no compromise', async () => {
    const world = await open(provider);
    const first = await rotationRequested(world);
    await pass(world, 12 * HOUR, { worker: () => badRelease(world) });
    await request(world, 'Rotation Requested');
    await pass(world, 20 * MINUTE);
    expect((await current(world)).id).not.toBe(first.id);
    // the labels of the used ids make room
    await hostileLabels(world, 16);
    await pass(world, HOUR);
    await takeLabelsOff(world);
    await request(world, 'Rollback Requested');
    await pass(world, 2 * DAY);
    expect((await current(world)).id).toBe(first.id);
    await request(world, 'Credential Compromised');
    await pass(world, 10 * MINUTE);
    expect(['disabled', 'deleted']).toContain(state(world, first));
    expect(await currentState(world)).toBe('enabled');
  });

  test.each([
    [
      'a worker that died right before AWSCURRENT moved',
      (world: World) => dying(world.worker(), theMove),
    ],
    ['a throttled move of AWSCURRENT', throttledMove],
  ])(
    'After %s, a credential that a person supersedes days later has its whole grace',
    async (_what, worker) => {
      const world = await open(provider, { verify });
      const first = await rotationRequested(world);
      await world.run(worker(world)).catch(() => {});
      expect((await current(world)).id).toBe(first.id);
      registrySilent(world);
      vendorDown(world, /POST/);
      await pass(world, 2 * DAY);
      await valueByHand(world);
      vendorUp(world);
      registryBack(world);
      await pass(world, 23 * HOUR);
      expect(state(world, first)).toBe('enabled');
      await pass(world, 4 * DAY);
      expect(state(world, first)).not.toBe('enabled');
    },
  );

  test('A registry that confirms no death stops no rotation; deaths stay unproven', async () => {
    const world = await open(provider, { interval: 10 * DAY, verify });
    await issued(world);
    const worker = () => deafRegistry(world);
    const ages: number[] = [];
    const look = async () =>
      ages.push(Number(world.clock.now()) - Number((await current(world)).credential?.issuedAt));
    await pass(world, 80 * DAY, { worker, look });
    expect(Math.max(...ages)).toBeLessThan(10.5 * DAY);
    expect(await currentState(world)).toBe('enabled');
    expect(world.alive().length).toBeLessThanOrEqual(2);
    const deaths =
      JSON.stringify(eventData(world, 'Revocation Abandoned')).match(/"reason":"unproven"/g) ?? [];
    expect(deaths.length).toBeGreaterThanOrEqual(5);
  });
});

function throttledMove(world: World): Engine {
  const engine = world.worker();
  const label: typeof engine.store.label = (secret, name, move) => {
    if (name === 'AWSCURRENT')
      world.aws.faults.next('secretsmanager.UpdateSecretVersionStage', {
        error: 'ThrottlingException',
      });
    return engine.store.label(secret, name, move);
  };
  return { ...engine, store: { ...engine.store, label } };
}

/**
 * A worker that gets a page instead of a refusal, as from a proxy in front of the registry.
 */
function deafRegistry(world: World): Engine {
  const engine = world.worker();
  return {
    ...engine,
    registry: {
      async check(question, signal) {
        const verdict = await engine.registry.check(question, signal);
        return verdict.outcome === 'refused'
          ? { outcome: 'unknown', cause: 'not-allowed' }
          : verdict;
      },
    },
  };
}
