import { expect, test } from 'vitest';
import { HOUR } from '../../../lib/core/time.ts';
import { atRest, wellAgain } from './liveness.ts';
import { ending, published } from './safety.ts';
import { moveLabel } from './store.ts';
import { choose, timing } from './target.ts';
import { change, emptyWorld, type Issued, START, tell, type World } from './world.ts';

/** The second credential has superseded the first, and its event is out. */
function rotated(): World {
  choose('delete');
  const known = (id: string): Issued => ({
    id,
    label: id,
    username: id,
    password: id,
    issuedAt: START,
    state: 'enabled',
    accepted: true,
  });
  const world: World = {
    ...emptyWorld(),
    labels: { v1: ['AWSCURRENT'], v2: ['label'], v3: ['label'] },
    values: {
      v1: { text: '1', credential: 'k1' },
      v2: { text: '2', credential: 'k2' },
      v3: { text: '3', credential: 'k3' },
    },
    credentials: { k1: known('k1'), k2: known('k2'), k3: { ...known('k3'), accepted: false } },
  };
  for (const credential of ['k1', 'k2', 'k3']) tell(world, { what: 'issued', credential });
  moveLabel(world, 'AWSCURRENT', { from: 'v1', to: 'v2' });
  const revokeAfter = new Date(world.now + timing().grace).toISOString();
  const data = {
    versionId: 'v2',
    credentialId: 'k2',
    previous: { credentialId: 'k1', revokeAfter },
  };
  published(world, 'event-1', 'Credential Rotated', data);
  return world;
}

const back = (world: World) => moveLabel(world, 'AWSCURRENT', { from: 'v2', to: 'v1' });
const credential = (world: World, id: string): Issued =>
  world.credentials[id] ?? expect.fail(`no ${id}`);

test('the judge reports a credential that ends at the vendor while it is AWSCURRENT', () => {
  const world = rotated();
  expect(() => ending(world, credential(world, 'k2'), 'disabled')).toThrow(
    'AWSCURRENT is disabled: k2',
  );
});

test('the judge reports a credential that ends before its grace, unless it is compromised', () => {
  const world = rotated();
  world.now += HOUR;
  expect(() => ending(world, credential(world, 'k1'), 'deleted')).toThrow(
    /before its grace is over/,
  );
  change(world, 'k1', { leaked: 'known' });
  expect(() => ending(world, credential(world, 'k1'), 'deleted')).not.toThrow();
});

test('the judge reports a superseded credential that stays alive long after its grace', () => {
  const world = rotated();
  world.now += 4 * timing().grace;
  expect(() => atRest(world)).toThrow('k1 is superseded or unknown, and enabled for good');
});

test('the judge reports a promotion of a credential that no registry accepted', () => {
  const world = rotated();
  expect(() => moveLabel(world, 'AWSCURRENT', { from: 'v2', to: 'v3' })).toThrow(
    'no registry accepted it',
  );
});

test('the judge reports a superseded credential that returns unasked, once it is announced', () => {
  const world = rotated();
  back(world);
  const data = { versionId: 'v1', credentialId: 'k1' };
  expect(() => published(world, 'event-2', 'Credential Rotated', data)).toThrow(
    'made current again unasked',
  );
});

test('the judge accepts a wrong promotion that is corrected before it is announced', () => {
  const world = rotated();
  const before = credential(world, 'k1').leftAt;
  back(world);
  moveLabel(world, 'AWSCURRENT', { from: 'v1', to: 'v2' });
  expect(credential(world, 'k1').leftAt).toBe(before);
  expect(() => wellAgain(world)).not.toThrow();
});

test.each([
  ['event-2', undefined],
  ['event-1', 'a promotion of k1 has no event of its own'],
])('the judge requires an event id of its own for a requested rollback: %s', (id, problem) => {
  const world = rotated();
  tell(world, { what: 'asked', type: 'Rollback Requested', number: 0 });
  back(world);
  published(world, id, 'Rolled Back', { versionId: 'v1', credentialId: 'k1' });
  change(world, 'k2', { state: 'deleted' });
  change(world, 'k3', { state: 'deleted' });
  if (problem) expect(() => atRest(world)).toThrow(problem);
  else expect(() => atRest(world)).not.toThrow();
});
