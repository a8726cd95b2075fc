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

test('what is AWSCURRENT must not end at the vendor', () => {
  const world = rotated();
  expect(() => ending(world, credential(world, 'k2'), 'disabled')).toThrow(
    'AWSCURRENT is disabled: k2',
  );
});

test('a superseded credential must not end before its grace is over, unless it was reported as compromised', () => {
  const world = rotated();
  world.now += HOUR;
  expect(() => ending(world, credential(world, 'k1'), 'deleted')).toThrow(
    /before its grace is over/,
  );
  change(world, 'k1', { leaked: 'known' });
  expect(() => ending(world, credential(world, 'k1'), 'deleted')).not.toThrow();
});

test('a superseded credential must not stay alive long after its grace', () => {
  const world = rotated();
  world.now += 4 * timing().grace;
  expect(() => atRest(world)).toThrow('k1 is superseded or unknown, and enabled for good');
});

test('what no registry accepted must not become AWSCURRENT', () => {
  const world = rotated();
  expect(() => moveLabel(world, 'AWSCURRENT', { from: 'v2', to: 'v3' })).toThrow(
    'no registry accepted it',
  );
});

test('what was superseded must not become AWSCURRENT again unasked, once anybody is told', () => {
  const world = rotated();
  back(world);
  const data = { versionId: 'v1', credentialId: 'k1' };
  expect(() => published(world, 'event-2', 'Credential Rotated', data)).toThrow(
    'made current again unasked',
  );
});

test('a wrong promotion that is put right before anybody is told is none', () => {
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
])('a requested rollback is told under an id of its own: %s', (id, problem) => {
  const world = rotated();
  tell(world, { what: 'asked', type: 'Rollback Requested', number: 0 });
  back(world);
  published(world, id, 'Rolled Back', { versionId: 'v1', credentialId: 'k1' });
  change(world, 'k2', { state: 'deleted' });
  change(world, 'k3', { state: 'deleted' });
  if (problem) expect(() => atRest(world)).toThrow(problem);
  else expect(() => atRest(world)).not.toThrow();
});
