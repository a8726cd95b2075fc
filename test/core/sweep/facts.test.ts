import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Target } from '../../../lib/core/fleet/index.ts';
import type { SecretStore, Snapshot } from '../../../lib/core/ports.ts';
import { assign } from '../../../lib/core/sweep/assign.ts';
import { sweep } from '../../../lib/core/sweep/index.ts';
import { measure } from '../../../lib/core/sweep/measure.ts';
import { anySnapshot, anyTarget } from '../../support/any-ledger.ts';
import { aSnapshot, aTarget, at, DAY, HOUR, MINUTE, T0, v } from '../../support/snapshot.ts';

const storeOf = (snapshots: readonly Snapshot[]) => {
  const store = {
    async *list() {
      // a list has its own order
      yield* snapshots.toReversed();
    },
    describe: async (secret: string) => snapshots.find(({ name }) => name === secret),
  };
  return store as unknown as SecretStore;
};

/** The results of one sweep, with and without the snapshots. */
async function both(targets: readonly Target[], snapshots: readonly Snapshot[], now = T0) {
  const clock = { now: () => now, sleep: async () => {} };
  const fleet = { id: 'acme', targets };
  const results = [true, false].map(async (kept) => {
    const seen = await sweep({ store: storeOf(snapshots), clock }, fleet, 5, { snapshots: kept });
    // as a caller that has read no facts yet
    const bare = {
      ...seen,
      targets: seen.targets.map((one) => (kept ? { ...one, facts: undefined } : one)),
    };
    const { doubts, removed } = seen;
    return {
      kept: seen.targets.some(({ snapshot }) => snapshot !== undefined),
      results: {
        assigned: assign(bare, fleet, now, 5),
        measures: measure(bare, now),
        doubts,
        removed,
      },
    };
  });
  return Promise.all(results);
}

test('a sweep that drops each page comes to the same results, for any ledgers', async () => {
  const several = fc.array(fc.tuple(anyTarget, anySnapshot, fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(several, fc.integer({ min: 0, max: 24 }), async (all, hours) => {
      const targets = all.map(([target], index) => ({
        ...target,
        name: `app-${index}`,
        secret: `rekey/acme/app-${index}`,
      }));
      const snapshots = all.map(([, snapshot, removed], index) => ({
        ...snapshot,
        name: removed ? `rekey/acme/old-${index}` : `rekey/acme/app-${index}`,
      }));
      const [full, lean] = await both(targets, snapshots, at(hours * HOUR));
      expect(lean?.kept).toBe(false);
      expect(lean?.results).toEqual(full?.results);
    }),
    { numRuns: 300 },
  );
});

test('a sweep that drops each page has the same doubts about a registry', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `app-${index}`);
  const targets = names.map((name) => aTarget({ name, secret: `rekey/acme/${name}` }));
  const snapshots = targets.map(({ secret }) => ({
    ...aSnapshot(v('a').current().issued(at(-DAY)).refused(at(-MINUTE), 2)),
    name: secret,
  }));
  const [full, lean] = await both(targets, snapshots);
  expect(lean?.results.doubts.registries).toMatchObject([{ targets: names }]);
  expect(lean?.results.doubts.disbelieved.size).toBe(59);
  expect(lean?.results).toEqual(full?.results);
});

test('a sweep that drops each page keeps nothing of a snapshot alive', async () => {
  const clock = { now: () => T0, sleep: async () => {} };
  const due = aSnapshot(
    v('a')
      .current()
      .issued(at(-31 * DAY)),
  );
  const fleet = { id: 'acme', targets: [aTarget()] };
  const { targets } = await sweep({ store: storeOf([due]), clock }, fleet, 5, { snapshots: false });
  expect(targets.map(({ decision }) => decision.reason)).toEqual(['too-old']);
  expect(JSON.stringify(targets)).not.toContain('AWSCURRENT');
});
