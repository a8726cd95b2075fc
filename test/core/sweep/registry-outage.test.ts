import { describe, expect, test } from 'vitest';
import type { Target } from '../../../lib/core/fleet/index.ts';
import { parseLedger } from '../../../lib/core/ledger/index.ts';
import type { Verdict } from '../../../lib/core/ports.ts';
import { reconcile } from '../../../lib/core/reconcile/index.ts';
import { assign } from '../../../lib/core/sweep/assign.ts';
import { sweep } from '../../../lib/core/sweep/index.ts';
import { measure } from '../../../lib/core/sweep/measure.ts';
import { memoryEngine } from '../../support/memory.ts';
import { aTarget, at, HOUR, MINUTE } from '../../support/snapshot.ts';

const accepted: Verdict = { outcome: 'accepted' };
const refused: Verdict = { outcome: 'refused' };

/** Sweeps every five minutes, and workers that follow their assignments. */
function fleetOf(
  count: number,
  verdict: (username: string, now: Date) => Verdict,
  change: Partial<Target> = {},
) {
  const targets = Array.from({ length: count }, (_, index) =>
    aTarget({ name: `app-${index}`, secret: `rekey/acme/app-${index}`, soak: 0, ...change }),
  );
  const fleet = { id: 'acme', targets };
  const world = memoryEngine(targets, verdict);
  const { engine } = world;
  const signal = new AbortController().signal;
  let minute = 0;
  const round = async () => {
    world.jumpTo(at(minute * MINUTE));
    const seen = await sweep(engine, fleet, 5);
    const { assignments } = assign(seen, fleet, engine.clock.now(), 5);
    for (const one of assignments) {
      const target = 'target' in one && targets.find(({ name }) => name === one.target);
      if (!target) continue;
      const { check: checked = false, believed = false } = one as { check?: true; believed?: true };
      await reconcile(engine, target, {
        signal,
        correlationId: 'sweep',
        checked,
        doubted: !believed,
      });
    }
    minute += 5;
    return { seen, assignments, troubles: measure(seen, engine.clock.now()).troubles };
  };
  return {
    ...world,
    targets,
    round,
    async until(minutes: number) {
      const rounds = [];
      while (minute <= minutes) rounds.push(await round());
      return rounds;
    },
    rotated: () =>
      world.published.filter(({ detailType }) => detailType === 'Credential Rotated').length,
    currents: async () => {
      const snapshots = await Promise.all(
        targets.map(({ secret }) => engine.store.describe(secret)),
      );
      return snapshots.flatMap((snapshot) =>
        snapshot ? (parseLedger(snapshot).current ?? []) : [],
      );
    },
  };
}

describe('a registry that refuses every login', () => {
  const from = at(HOUR);
  const outage = (length: number) => (_: string, now: Date) =>
    now >= from && Number(now) < Number(from) + length ? refused : accepted;

  test.each([
    [30, 350, 0],
    [90, 120, 0],
    [12, 120, 1], // its end falls into the proof of a canary
  ])(
    'a registry that refuses every login for %i minutes rotates none of %i targets, but %i canary',
    async (minutes, count, canaries) => {
      const fleet = fleetOf(count, outage(minutes * MINUTE));
      await fleet.until(55);
      expect(fleet.rotated()).toBe(count);
      const rounds = await fleet.until(60 + minutes + 110);
      expect(fleet.rotated() - count).toBeLessThanOrEqual(canaries);
      // a canary now and then was issued, refused, and discarded
      expect(fleet.issued() - count).toBeLessThanOrEqual(minutes / 5);
      expect((await fleet.currents()).filter((current) => current.refused)).toEqual([]);
      const doubted = rounds.map(
        ({ troubles }) => troubles.filter(({ kind }) => kind === 'registry-doubted').length,
      );
      expect(Math.max(...doubted)).toBe(1);
      expect(doubted.slice(-6)).toEqual(Array(6).fill(0));
    },
  );
});

describe('credentials that are really dead', () => {
  test('one dead credential of many is replaced after two refusals', async () => {
    const dead = new Set<string>();
    const fleet = fleetOf(40, (username) => (dead.has(username) ? refused : accepted));
    await fleet.until(60);
    dead.add('credential-7');
    await fleet.until(60 + 60 + 20);
    expect(fleet.rotated()).toBe(41);
    expect(
      (await fleet.currents()).some(({ credential }) => credential?.id === 'credential-7'),
    ).toBe(false);
  });

  test('if all credentials are dead, the others follow the first canary', async () => {
    const dead = new Set<string>();
    const fleet = fleetOf(100, (username) => (dead.has(username) ? refused : accepted));
    await fleet.until(60);
    for (const id of fleet.alive.keys()) dead.add(id);
    const rounds = await fleet.until(60 + 40);
    const canaries = rounds.filter(({ seen }) =>
      seen.doubts.registries.some(({ canary }) => canary),
    );
    expect(canaries.length).toBeGreaterThan(0);
    await fleet.until(60 + 80);
    expect(
      (await fleet.currents()).filter(({ credential }) => dead.has(credential?.id ?? '')),
    ).toEqual([]);
  });

  test('two dead credentials are replaced, even in a fleet of two', async () => {
    const dead = new Set<string>();
    const fleet = fleetOf(2, (username) => (dead.has(username) ? refused : accepted));
    await fleet.until(60);
    for (const id of fleet.alive.keys()) dead.add(id);
    await fleet.until(60 + 60 + 20);
    expect(
      (await fleet.currents()).filter(({ credential }) => dead.has(credential?.id ?? '')),
    ).toEqual([]);
  });
});
