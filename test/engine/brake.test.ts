import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RekeyError } from '../../lib/core/errors.ts';
import { request } from '../../lib/core/jobs/requests.ts';
import { reconcile } from '../../lib/core/reconcile/index.ts';
import { some } from '../support/providers.ts';
import { DAY, HOUR } from '../support/snapshot.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let leaked: readonly string[];
beforeEach(async () => {
  world = await createWorld(some.disabling);
  await world.run();
  await world.clock.sleep(HOUR);
  leaked = world.enabled().map(({ id }) => id);
});
afterEach(() => world.close());

const report = (type: 'Credential Compromised' | 'Compromise Confirmed') =>
  request(world.worker().store, world.clock, type, world.target, 'ticket-7');
const work = (brake: () => Promise<boolean>, engine = world.worker()) => {
  const { signal } = new AbortController();
  return reconcile(engine, world.target, { signal, correlationId: 'run', brake });
};
const on = async () => true;
const stillAlive = () => world.enabled().filter(({ id }) => leaked.includes(id)).length;
const held = () => world.events('Request Held').map(({ detail }) => detail.data);

describe('while the brake is on', () => {
  test('while the brake is on, a leaked credential keeps its grace, then is revoked', async () => {
    await report('Credential Compromised');
    await work(on);
    expect(world.enabled()).toHaveLength(2);
    const rotated = world.events('Credential Rotated').at(-1)?.detail.data as
      | { previous?: { revokeAfter?: string } }
      | undefined;
    const until = rotated?.previous?.revokeAfter;
    expect(held()).toMatchObject([{ gate: 'unconfirmed', until, final: false }]);
    expect(Number(new Date(until ?? 0)) - Number(world.clock.now())).toBeGreaterThan(
      world.target.grace - HOUR,
    );
    await world.live(3 * DAY);
    expect(stillAlive()).toBe(0);
    await world.holds();
  });

  test('a braked compromise waits for confirmation even if its event is late', async () => {
    await report('Credential Compromised');
    const deaf = {
      ...world.worker(),
      events: { publish: () => Promise.reject(new RekeyError('events-failed', 'down')) },
    };
    await work(on, deaf).catch(() => {});
    expect([stillAlive(), held().length]).toEqual([1, 0]);
    // the hour in which the reports are counted is over
    await world.clock.sleep(2 * HOUR);
    await work(async () => false);
    expect(stillAlive()).toBe(1);
    expect(held()).toMatchObject([{ gate: 'unconfirmed' }]);
    await report('Compromise Confirmed');
    await work(on);
    expect(stillAlive()).toBe(0);
    await world.holds();
  });

  test('the brake is checked again right before a credential is revoked', async () => {
    await report('Credential Compromised');
    const answers = [false, true];
    await work(async () => answers.shift() ?? true);
    expect([world.enabled().length, stillAlive(), answers]).toEqual([2, 1, []]);
    expect(held()).toHaveLength(1);
  });

  test('a worker that cannot read the brake rotates, and revokes nothing early', async () => {
    await report('Credential Compromised');
    const blind = () => Promise.reject(new RekeyError('aws-failed', 'failed: DescribeSecret'));
    await expect(work(blind)).rejects.toMatchObject({
      code: 'aws-failed',
      message: expect.stringContaining('cannot count the reports'),
    });
    expect([world.enabled().length, stillAlive()]).toEqual([2, 1]);
    await work(async () => false);
    expect(stillAlive()).toBe(0);
    await world.holds();
  });
});
