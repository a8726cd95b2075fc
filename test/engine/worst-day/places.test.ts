import { afterEach, expect, test } from 'vitest';
import { some, usualOnes } from '../../support/providers.ts';
import { about, DAY, eventData, HOUR, issued, MINUTE, pass, state, worlds } from './setup.ts';

const { open, close } = worlds();
afterEach(close);

test.each(usualOnes)(
  '%s: a credential at a left place is out of reach until the place is listed, then ended',
  async (provider) => {
    const world = await open(provider);
    const first = await issued(world);
    const { place, admin, params, revocable } = world.target;
    await world.clock.sleep(HOUR);
    const moved = { ...world.target, place: 'place002', spec: 'beef0002' };
    await pass(world, DAY + HOUR, { target: moved });
    const { current } = await world.ledger();
    expect(current?.id).not.toBe(first.id);
    expect(state(world, first), 'it is not proven dead').toBe('enabled');
    expect(about(world, first, 'Credential Revoked', 'Credential Expired')).toEqual([]);
    const [failed] = eventData(world, 'Revocation Failed');
    expect(failed).toMatchObject({
      errorClass: 'out-of-reach',
      terminal: true,
      credentialId: first.credential?.id,
      provider,
    });
    const listed = { ...moved, former: [{ provider, admin, params, place, revocable }] };
    await pass(world, 10 * MINUTE, { target: listed });
    expect(['disabled', 'deleted']).toContain(state(world, first));
    expect(about(world, first, 'Credential Revoked')).toHaveLength(1);
  },
);

test('A credential out of reach for three days is abandoned, and its labels are free', async () => {
  const world = await open(some.deleting);
  const first = await issued(world);
  await world.clock.sleep(HOUR);
  const moved = { ...world.target, place: 'place002', spec: 'beef0002' };
  await pass(world, 5 * DAY, { target: moved });
  expect(eventData(world, 'Revocation Abandoned')).toMatchObject([
    { reason: 'out-of-reach', credentialId: first.credential?.id },
  ]);
  expect((await world.ledger()).versions.filter(({ credential }) => credential)).toHaveLength(1);
});
