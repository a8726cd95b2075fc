import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { request } from '../../lib/core/jobs/requests.ts';
import { can, usualOnes } from '../support/providers.ts';
import { DAY, HOUR, MINUTE } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

describe.each(usualOnes)('%s: the life of a target', (provider) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(provider, {}, 'wire');
  });
  afterEach(() => world.close());

  const firstIssue = async () => {
    const { steps } = await world.run();
    expect(steps.map(({ decision, error }) => [decision.reason, error?.message])).toEqual([
      ['never-issued', undefined],
    ]);
  };

  test('the first credential is issued, proven, made current and announced', async () => {
    await firstIssue();
    const { current, pending } = await world.ledger();
    expect(current?.credential?.reason).toBe('never-issued');
    expect(pending).toBeUndefined();
    expect(world.enabled()).toHaveLength(1);
    expect(await world.accepts(current?.id ?? '')).toBe('accepted');
    expect(world.events('Credential Rotated')).toHaveLength(1);
    await world.holds();
  });

  test('the previous credential lives for its grace, is revoked, and proven dead', async () => {
    await firstIssue();
    const first = (await world.ledger()).current;
    await world.live(30 * DAY);
    expect((await world.ledger()).current?.id).not.toBe(first?.id);
    const rotated = world.events('Credential Rotated')[1];
    expect(rotated?.detail.data).toMatchObject({
      reason: 'too-old',
      previous: { versionId: first?.id },
    });
    await world.live(5 * DAY);
    expect(world.alive()).toHaveLength(1);
    expect(await world.accepts(first?.id ?? '')).toBe('refused');
    expect(world.events('Revocation Due')).toHaveLength(1);
    expect(world.events('Credential Revoked').map(({ detail }) => detail.data)).toMatchObject([
      {
        versionId: first?.id,
        proof: { kind: 'refused-by-registry' },
        reversible: can(provider).disables,
      },
    ]);
    await world.holds();
  });

  test('after a year of rotations one credential is left', async () => {
    await world.live(365 * DAY);
    const count = world.events('Credential Rotated').length;
    expect(count).toBeGreaterThanOrEqual(13);
    expect(world.enabled().length).toBeLessThanOrEqual(2);
    expect(world.events('Credential Revoked').length).toBeGreaterThanOrEqual(count - 2);
    expect(world.events('Orphan Revoked')).toEqual([]);
    expect((await world.ledger()).free).toBeGreaterThan(8);
    await world.holds();
  });

  const rotateNow = async () => {
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    await world.run();
  };
  const rollBack = async () => {
    await request(world.worker().store, world.clock, 'Rollback Requested', world.target);
    await world.run();
  };

  test('a rollback within the grace makes the previous credential current again', async () => {
    await firstIssue();
    const first = (await world.ledger()).current;
    await rotateNow();
    const second = (await world.ledger()).current;
    expect(second?.id).not.toBe(first?.id);
    await rollBack();
    const after = await world.ledger();
    expect(after.current?.id).toBe(first?.id);
    expect(after.current?.revokeAfter).toBeUndefined();
    expect(world.events('Rolled Back')).toHaveLength(1);
    expect(world.enabled()).toHaveLength(2);
    await world.holds();
    await world.live(3 * DAY);
    expect(await world.accepts(second?.id ?? '')).toBe('refused');
    expect(await world.accepts(first?.id ?? '')).toBe('accepted');
    await world.holds();
  });

  test('a rollback after the grace works while the previous one is only disabled', async () => {
    await firstIssue();
    const first = (await world.ledger()).current;
    await rotateNow();
    await world.live(DAY + HOUR);
    expect(await world.accepts(first?.id ?? '')).toBe('refused');
    if (world.target.soak === 0)
      return expect(rollBack()).rejects.toMatchObject({ code: 'no-rollback' });
    await rollBack();
    expect((await world.ledger()).current?.id).toBe(first?.id);
    expect(await world.accepts(first?.id ?? '')).toBe('accepted');
    await world.live(4 * DAY);
    await world.holds();
    expect(world.enabled()).toHaveLength(1);
  });

  test('a compromise rotates, then revokes every other live credential at once', async () => {
    await firstIssue();
    await world.clock.sleep(HOUR);
    await request(world.worker().store, world.clock, 'Rotation Requested', world.target);
    await world.run();
    expect(world.enabled()).toHaveLength(2);
    await world.clock.sleep(16 * MINUTE);
    await request(world.worker().store, world.clock, 'Credential Compromised', world.target);
    await world.run();
    expect(world.enabled()).toHaveLength(1);
    expect(world.events('Credential Revoked')).toHaveLength(2);
    await world.holds();
  });
});
