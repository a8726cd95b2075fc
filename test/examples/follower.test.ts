import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { follow } from '../../examples/follower.ts';
import { placeholder } from '../../lib/core/reconcile/own-orphans.ts';

const fixture = (name: string): object =>
  JSON.parse(readFileSync(`test/fixtures/events/1.0/${name}.json`, 'utf8')) as object;
const rotated = fixture('credential-rotated');
const rolledBack = fixture('rolled-back');

/** A workload, and what its secret holds. */
function workload(versionId: string) {
  const ids = new Set<string>();
  const world = {
    current: versionId,
    deployed: [] as string[],
    /** Runs in the middle of a deployment. */
    meanwhile: async (): Promise<void> => {},
    seen: {
      has: async (id: string) => ids.has(id),
      add: async (id: string) => void ids.add(id),
    },
    readCurrent: async () => ({ versionId: world.current, value: `value of ${world.current}` }),
    deploy: async (_arn: string, value: string) => {
      await world.meanwhile();
      world.deployed.push(value);
    },
  };
  return world;
}

test('a late event deploys what is current now, not the version that it names', async () => {
  const world = workload('after-the-rollback');
  await follow(rolledBack, world);
  await follow(rotated, world);
  expect(new Set(world.deployed)).toEqual(new Set(['value of after-the-rollback']));
});

test('a repeated event is acted on once', async () => {
  const world = workload('v2');
  await follow(rotated, world);
  await follow(rotated, world);
  expect(world.deployed).toEqual(['value of v2']);
});

test('a version that becomes current during a deployment is deployed after it', async () => {
  const world = workload('v2');
  world.meanwhile = async () => {
    world.current = 'v3';
  };
  await follow(rotated, world);
  expect(world.deployed).toEqual(['value of v2', 'value of v3']);
});

test('two concurrent instances end on the current version', async () => {
  const world = workload('v2');
  const begun = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  world.meanwhile = () => {
    begun.resolve();
    return slow.promise;
  };
  const first = follow(rotated, world);
  await begun.promise;
  world.current = 'v3';
  world.meanwhile = async () => {};
  await follow(rolledBack, world);
  slow.resolve();
  await first;
  expect(world.deployed).toEqual(['value of v3', 'value of v2', 'value of v3']);
});

test('an event whose deployment failed is acted on when it is delivered again', async () => {
  const world = workload('v2');
  world.meanwhile = () => Promise.reject(new Error('the cluster is away'));
  await expect(follow(rotated, world)).rejects.toThrow('the cluster is away');
  world.meanwhile = async () => {};
  await follow(rotated, world);
  expect(world.deployed).toEqual(['value of v2']);
});

test.each(['revocation-due', 'credential-revoked'])(
  'a follower that missed a rotation catches up on %s',
  async (name) => {
    const world = workload('v2');
    await follow(fixture(name), world);
    expect(world.deployed).toEqual(['value of v2']);
  },
);

test('a placeholder is not deployed', async () => {
  const world = workload('v2');
  world.readCurrent = async () => ({ versionId: 'v3', value: placeholder.reveal() });
  await follow(fixture('credential-revoked'), world);
  expect(world.deployed).toEqual([]);
});

test.each(['health-changed', 'rotation-failed', 'action-planned'])(
  '%s changes nothing',
  async (name) => {
    const world = workload('v2');
    await follow(fixture(name), world);
    expect(world.deployed).toEqual([]);
  },
);
