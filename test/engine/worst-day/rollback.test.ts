import { afterEach, describe, expect, test } from 'vitest';
import type { Version } from '../../../lib/core/ledger/index.ts';
import { parseValue } from '../../../lib/core/ledger/value.ts';
import { providerCall } from '../../../lib/core/reconcile/index.ts';
import { plus } from '../../../lib/core/time.ts';
import { disablingOnes, some, usualOnes } from '../../support/providers.ts';
import { currentByHand, valueByHand } from './hands.ts';
import {
  about,
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
  requested,
  rotated,
  soaking,
  state,
  two,
  vendorDown,
  vendorUp,
  type World,
  worlds,
} from './setup.ts';
import { dying, type Moment, theMove } from './workers.ts';

const { open, close } = worlds();
afterEach(close);

describe.each(usualOnes)('%s', (provider) => {
  test('A rollback requested while a rotation is backing off is carried out at once', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await request(world, 'Rotation Requested');
    vendorDown(world, /POST/);
    await pass(world, 10 * MINUTE);
    vendorUp(world);
    await request(world, 'Rollback Requested');
    await pass(world, 5 * MINUTE);
    expect((await current(world)).id).toBe(first.id);
    expect(about(world, first, 'Rolled Back')).toHaveLength(1);
  });

  test('A rotation requested in the same second as a rollback is carried out', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await request(world, 'Rollback Requested');
    await world.run(dying(world.worker(), theMove, 'after')).catch(() => {});
    expect((await current(world)).id).toBe(first.id);
    await request(world, 'Rotation Requested');
    await pass(world, 25 * MINUTE);
    expect((await current(world)).credential?.reason).toBe('requested');
  });

  test('A rollback that waits twelve minutes for a worker is carried out', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await request(world, 'Rollback Requested');
    await world.clock.sleep(12 * MINUTE);
    await pass(world, 5 * MINUTE);
    expect((await current(world)).id).toBe(first.id);
    expect(about(world, first, 'Rolled Back')).toHaveLength(1);
  });

  test('A rollback that the registry never proves ends with one event', async () => {
    const world = await open(provider);
    const [first, second] = await two(world);
    await request(world, 'Rollback Requested');
    registrySilent(world);
    await pass(world, 3 * HOUR);
    registryBack(world);
    await pass(world, 10 * MINUTE);
    expect([first.id, second.id]).toContain((await current(world)).id);
    expect(
      eventData(world, 'Rolled Back').length + eventData(world, 'Rollback Failed').length,
    ).toBe(1);
  });

  test('A rollback from a value put by hand returns to the version current before it', async () => {
    const world = await open(provider);
    const [, second] = await two(world);
    await valueByHand(world);
    await request(world, 'Rollback Requested');
    await world.run();
    expect((await current(world)).id).toBe(second.id);
    expect(about(world, second, 'Rolled Back')).toHaveLength(1);
  });

  test('A rollback from a value put by hand is not undone by an earlier request', async () => {
    const world = await open(provider);
    const [, second] = await two(world);
    await request(world, 'Rotation Requested');
    await valueByHand(world);
    await request(world, 'Rollback Requested');
    await pass(world, HOUR);
    expect((await current(world)).id).toBe(second.id);
    expect(await currentState(world)).toBe('enabled');
  });

  test('A superseded version that a person makes current again stays current', async () => {
    const world = await open(provider);
    const [first] = await two(world);
    await currentByHand(world, first.id);
    await pass(world, HOUR);
    expect((await current(world)).id).toBe(first.id);
  });
});

describe.each(disablingOnes)('%s', (provider) => {
  test('A rollback to a credential that is in its soak enables it', async () => {
    const world = await open(provider);
    const first = await soaking(world);
    expect(state(world, first), 'it is in its soak').toBe('disabled');
    await request(world, 'Rollback Requested');
    await world.run();
    expect((await current(world)).id).toBe(first.id);
    expect(await currentState(world)).toBe('enabled');
  });

  test('A rollback enables a credential that a dead worker had disabled', async () => {
    const world = await open(provider);
    const first = await issued(world);
    await rotated(world);
    const left = (await world.ledger()).versions.find(({ id }) => id === first.id);
    world.clock.jumpTo(plus(left?.revokeAfter ?? world.clock.now(), -6 * MINUTE));
    await request(world, 'Rollback Requested');
    await world.run(dying(world.worker(), theCandidacy, 'after')).catch(() => {});
    await world.clock.sleep(7 * MINUTE);
    await disabledBehindItsBack(world, first);
    await world.run().catch(() => {});
    expect((await current(world)).id).toBe(first.id);
    expect(await currentState(world)).toBe('enabled');
  });
});

/** The call that makes a version a candidate for a rollback. */
const theCandidacy: Moment = ({ name, args }) =>
  name === 'store.label' && String(args[1]).includes(':candidate:');

/**
 * Disables a credential at the vendor, as a worker does that still sees the secret from before the
 * rollback. Writes nothing down.
 */
async function disabledBehindItsBack(
  { worker, target }: World,
  { id, credential }: Version,
): Promise<void> {
  const engine = worker();
  const provider = engine.providers[target.provider];
  const value = await engine.store.read(target.secret, id);
  if (!provider?.enable || !credential) throw new Error('it cannot be disabled');
  const call = await providerCall({
    engine,
    target,
    provider,
    signal: new AbortController().signal,
  });
  await provider.enable(call, { ...(value && parseValue(value)), id: credential.id }, false);
}

test('A second rollback to the same version stands for as long as the first', async () => {
  const world = await open(some.disabling, { interval: 4 * DAY, grace: 12 * HOUR, soak: DAY });
  const first = await issued(world);
  await world.clock.sleep(3.5 * DAY);
  await request(world, 'Rotation Requested');
  await world.run();
  await world.clock.sleep(HOUR);
  await request(world, 'Rollback Requested');
  await world.run();
  expect((await current(world)).id).toBe(first.id);
  await pass(world, 14 * HOUR);
  const third = await current(world);
  expect(
    third.credential?.reason,
    'the version it was rolled back to is due, and the hold is over',
  ).toBe('too-old');
  await request(world, 'Rollback Requested');
  await pass(world, 10 * HOUR);
  expect((await current(world)).id).toBe(first.id);
  expect(about(world, first, 'Rolled Back')).toHaveLength(2);
});

test('A rollback to a credential that is due for renewal is refused, or it stands', async () => {
  const world = await open(some.expiring, { interval: 16 * HOUR, grace: 4 * HOUR });
  const first = await issued(world);
  vendorDown(world, /POST/);
  await pass(world, 18 * HOUR);
  vendorUp(world);
  await request(world, 'Rotation Requested');
  await pass(world, HOUR);
  expect((await current(world)).id).not.toBe(first.id);
  await pass(world, 2 * HOUR);
  const taken = await requested(world, 'Rollback Requested');
  await pass(world, 30 * MINUTE);
  const back = eventData(world, 'Rolled Back').length > 0;
  const answered = !taken || back || eventData(world, 'Rollback Failed').length > 0;
  expect([answered, back && (await current(world)).id !== first.id]).toEqual([true, false]);
});
