import { expect, test } from 'vitest';
import { request } from '../../../lib/core/jobs/requests.ts';
import { providerCall, reconcile } from '../../../lib/core/reconcile/index.ts';
import { HOUR } from '../../../lib/core/time.ts';
import { some } from '../../support/providers.ts';
import { book } from './bookkeeper.ts';
import { createFollower } from './follower.ts';
import { createJournal, type Told } from './journal.ts';
import { Violation } from './violation.ts';
import { createWitness } from './witness.ts';
import { createWorld, options } from './world.ts';

/* Whoever judges rekey by its events has to see what is wrong with them. */

const START = Date.parse('2026-01-15T09:30:00Z');
const told = (
  hour: number,
  type: string,
  credentialId: string,
  more: object = {},
  id = `${type} ${credentialId} ${hour}`,
): Told => ({
  type,
  id,
  at: new Date(START + hour * HOUR),
  target: 'app-0',
  secretArn: 'arn',
  data: { credentialId, versionId: `version of ${credentialId}`, ...more },
});
const states = (...events: readonly Told[]) =>
  Object.fromEntries([...book(events)].map(([id, { state }]) => [id, state]));

test('The bookkeeper counts what was rotated in, restored and rolled back to as alive, and what was ended as dead', () => {
  const life = [
    told(0, 'Credential Rotated', 'a'),
    told(1, 'Credential Rotated', 'b'),
    told(25, 'Credential Revoked', 'a'),
  ];
  expect(states(...life)).toEqual({ a: 'dead', b: 'alive' });
  expect(states(...life, told(26, 'Rolled Back', 'a'))).toEqual({ a: 'alive', b: 'alive' });
  expect(
    states(...life, told(26, 'Credential Restored', 'a'), told(27, 'Credential Revoked', 'a')),
  ).toEqual({
    a: 'dead',
    b: 'alive',
  });
  expect(states(...life, told(26, 'Revocation Abandoned', 'b'))).toEqual({
    a: 'dead',
    b: 'unknown',
  });
});

test('The bookkeeper drops repeats, in whatever order they come', () => {
  const first = told(0, 'Credential Rotated', 'a', {}, 'one');
  const repeat = { ...first, at: new Date(START + 30 * HOUR) };
  expect(states(repeat, told(25, 'Credential Revoked', 'a'), first)).toEqual({ a: 'dead' });
});

test('The follower notices that it holds a dead credential when the event of its successor is lost, and not before', async () => {
  const world = await createWorld({
    provider: some.deleting,
    targets: 1,
    driver: 'rekey',
    seed: 1,
  });
  try {
    const journal = createJournal(world);
    let hears = true;
    const witness = createWitness(world, async () => {
      const fresh = journal.read();
      await follower.follow(hears ? fresh : []);
    });
    const follower = createFollower(world, witness, journal, () => 0.9, 0);
    const [entry] = world.entries;
    if (!entry) throw new Error('a fleet has targets');
    const target = world.target(entry);
    const run = () => reconcile(world.worker(), target, options());
    const rotate = async () => {
      await run();
      await witness.look();
      world.wait(HOUR);
      await request(world.worker().store, world.clock, 'Rotation Requested', target);
    };
    await rotate();
    await rotate();
    world.wait(2 * target.grace);
    await run();
    await witness.look();
    hears = false;
    await rotate();
    await rotate();
    world.wait(2 * target.grace);
    await run();
    await expect(witness.look()).rejects.toBeInstanceOf(Violation);
  } finally {
    await world.close();
  }
});

test('The witness notices a credential that is dead in its grace, and a revocation that a person made it forgives', async () => {
  const world = await createWorld({
    provider: some.deleting,
    targets: 1,
    driver: 'rekey',
    seed: 1,
  });
  try {
    const witness = createWitness(world, async () => {});
    const [entry] = world.entries;
    if (!entry) throw new Error('a fleet has targets');
    const target = world.target(entry);
    await reconcile(world.worker(), target, options());
    await witness.look();
    const { current } = await world.ledger(target);
    const id = current?.credential?.id ?? '';
    const call = await providerCall({
      engine: world.worker(),
      target,
      provider: world.provider,
      signal: options().signal,
    });
    await world.provider.revoke?.(call, { id });
    await expect(witness.look()).rejects.toThrow('the credential of AWSCURRENT was revoked');
    witness.killed.add(id);
    await witness.look();
  } finally {
    await world.close();
  }
});
