import { afterEach, describe, expect, test } from 'vitest';
import type { Spot } from '../../support/effects.ts';
import { disablingOnes, some, usualOnes } from '../../support/providers.ts';
import type { World } from './setup.ts';
import {
  about,
  announcedEnd,
  current,
  currentState,
  DAY,
  eventData,
  HOUR,
  issued,
  MINUTE,
  pass,
  request,
  requested,
  rotated,
  rotationRequested,
  state,
  two,
  worlds,
} from './setup.ts';
import { atEachEffect, dying, hanging, the, theCreate, theStore } from './workers.ts';

const { open, close } = worlds();
afterEach(close);

/**
 * A worker stores a candidate, sees it accepted, and hangs. Another worker promotes the candidate,
 * and rolls it back.
 */
async function promotionHangs(world: World) {
  const [, before] = await two(world);
  await request(world, 'Rotation Requested');
  const late = await hanging(world, the('registry.check'), 'after');
  await world.run();
  const after = await current(world);
  expect(after.id).not.toBe(before.id);
  await request(world, 'Rollback Requested');
  await world.run();
  expect((await current(world)).id).toBe(before.id);
  return { late, before, after };
}

/** A worker stalls before its n-th effect at the end of a grace. A rollback is done meanwhile. */
async function disablingMeetsRollback(
  provider: string,
  effect: Spot,
  then: (world: World) => Promise<void>,
): Promise<boolean> {
  const world = await open(provider);
  await issued(world);
  const second = await rotated(world);
  const end = Number(
    (await world.ledger()).versions.find(({ id, revokeAfter }) => id !== second.id && revokeAfter)
      ?.revokeAfter,
  );
  world.clock.jumpTo(new Date(end));
  const reached = await world.stall(effect, async () => {
    if (await requested(world, 'Rollback Requested')) await world.run().catch(() => {});
  });
  await then(world);
  await world.close();
  return reached;
}

describe.each(usualOnes)('%s', (provider) => {
  test('A promotion that hung does not win AWSCURRENT back from a rollback', async () => {
    const world = await open(provider);
    const { late, before, after } = await promotionHangs(world);
    await late.goOn();
    expect(late.seen.map(({ id }) => id)).not.toContain(after.id);
    await pass(world, 10 * MINUTE);
    expect((await current(world)).id).toBe(before.id);
  });

  test('A promotion that hung never makes a compromised credential current', async () => {
    const world = await open(provider);
    const { late, after } = await promotionHangs(world);
    await request(world, 'Credential Compromised');
    await world.run();
    expect(['disabled', 'deleted']).toContain(state(world, after));
    await late.goOn();
    expect(late.seen.map(({ id }) => id)).not.toContain(after.id);
    expect(await currentState(world)).toBe('enabled');
    await pass(world, HOUR);
    expect(await currentState(world)).toBe('enabled');
    expect((await current(world)).id).not.toBe(after.id);
  });

  test('An announced rollback is not undone by a rotation that was under way', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await request(world, 'Rotation Requested');
    const rotating = await hanging(world, theStore);
    await request(world, 'Rollback Requested');
    await world.run();
    expect(about(world, first, 'Rolled Back')).toHaveLength(1);
    await rotating.goOn();
    await pass(world, HOUR);
    expect((await current(world)).id).toBe(first.id);
    expect(await currentState(world)).toBe('enabled');
  });

  test('A rollback requested during a rotation is done, or its failure is announced', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await request(world, 'Rotation Requested');
    const rotating = await hanging(world, theStore);
    await request(world, 'Rollback Requested');
    await rotating.goOn();
    await pass(world, HOUR);
    const back =
      (await current(world)).id === first.id && about(world, first, 'Rolled Back').length > 0;
    expect(back || eventData(world, 'Rollback Failed').length > 0).toBe(true);
  });

  test('A worker with an old view does not refuse a rollback that is done', async () => {
    await atEachEffect(async (effect) => {
      const world = await open(provider);
      const [first] = await two(world);
      await request(world, 'Rollback Requested');
      const reached = await world.stall(effect, () =>
        world.run(dying(world.worker(), the('events.publish'))).catch(() => {}),
      );
      await pass(world, HOUR);
      expect((await current(world)).id, `stalled before effect ${effect}`).toBe(first.id);
      expect(
        about(world, first, 'Rolled Back').length,
        `stalled before effect ${effect}`,
      ).toBeGreaterThan(0);
      expect(
        [...eventData(world, 'Rotation Failed'), ...eventData(world, 'Rollback Failed')],
        `stalled before effect ${effect}`,
      ).toEqual([]);
      await world.close();
      return reached;
    });
  });

  test('Each version that two attempts at one rotation made current is announced', async () => {
    const world = await open(provider);
    await rotationRequested(world);
    const slow = await hanging(world, theCreate);
    world.vendor.faults.next(/POST/, { status: 503 }, 10);
    await world.run().catch(() => {});
    world.vendor.faults.clear();
    await world.clock.sleep(MINUTE + 1000);
    await world.run(dying(world.worker(), the('events.publish'))).catch(() => {});
    const promoted = await current(world);
    await slow.goOn();
    await pass(world, HOUR);
    expect(about(world, promoted, 'Credential Rotated').length).toBeGreaterThan(0);
    expect(await currentState(world)).toBe('enabled');
  });
});

describe.each(disablingOnes)('%s', (provider) => {
  test('A rollback that meets a disabling never leaves AWSCURRENT disabled', async () => {
    await atEachEffect((effect) =>
      disablingMeetsRollback(provider, effect, async (world) => {
        await pass(world, 5 * MINUTE);
        expect(await currentState(world), `stalled before effect ${effect}`).toBe('enabled');
      }),
    );
  });

  test('A rollback that meets a disabling does not shorten a later grace', async () => {
    await atEachEffect((effect) =>
      disablingMeetsRollback(provider, effect, async (world) => {
        await pass(world, 5 * MINUTE);
        const back = await current(world);
        await world.clock.sleep(HOUR);
        await request(world, 'Rotation Requested');
        await pass(world, 10 * MINUTE);
        const end = announcedEnd(world.events('Credential Rotated').at(-1));
        expect(
          end - world.clock.now().getTime(),
          `stalled before effect ${effect}`,
        ).toBeGreaterThan(23 * HOUR);
        await pass(world, 20 * HOUR);
        expect(state(world, back), `stalled before effect ${effect}`).toBe('enabled');
      }),
    );
  });

  test('A compromise after a rollback that met a disabling reaches AWSCURRENT', async () => {
    await atEachEffect((effect) =>
      disablingMeetsRollback(provider, effect, async (world) => {
        await pass(world, 5 * MINUTE);
        const leaked = await current(world);
        await world.clock.sleep(HOUR);
        await request(world, 'Credential Compromised');
        await pass(world, 30 * MINUTE);
        expect(['disabled', 'deleted'], `stalled before effect ${effect}`).toContain(
          state(world, leaked),
        );
        expect(await currentState(world), `stalled before effect ${effect}`).toBe('enabled');
      }),
    );
  });
});

test('A promotion that hangs until its worker dies does not shorten the grace', async () => {
  const world = await open(some.deleting);
  const first = await rotationRequested(world);
  await world.run(dying(slowMove(world), the('events.publish'))).catch(() => {});
  const promoted = world.clock.now().getTime();
  await pass(world, 23 * HOUR);
  while (world.clock.now().getTime() < promoted + DAY - MINUTE) {
    expect(state(world, first)).toBe('enabled');
    await world.clock.sleep(20_000);
    await world.run();
  }
});

/**
 * An engine whose move of AWSCURRENT takes almost four minutes. After it no label can be changed.
 */
function slowMove(world: World) {
  const engine = world.worker();
  let moved = false;
  const label: typeof engine.store.label = async (secret, name, move) => {
    if (moved) throw new Error('the worker is dead');
    if (name !== 'AWSCURRENT') return engine.store.label(secret, name, move);
    await world.clock.sleep(235_000);
    moved = true;
    return engine.store.label(secret, name, move);
  };
  return { ...engine, store: { ...engine.store, label } };
}
