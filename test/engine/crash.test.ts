import { expect, onTestFinished, test } from 'vitest';
import { places } from '../campaigns/crash-matrix/effects.ts';
import {
  effectsOf,
  nameOf,
  parseName,
  play,
  type Scenario,
} from '../campaigns/crash-matrix/scenario.ts';
import { openSetup } from '../campaigns/crash-matrix/setup.ts';
import { transitions } from '../campaigns/crash-matrix/transitions.ts';
import { providersThat, some } from '../support/providers.ts';
import { drawn, sampled, seed, whole } from '../support/sample.ts';

/*
 * A thin sample of the crash matrix (`npm run crash-matrix` runs all of it). A worker dies at its
 * n-th call, then others take over. The tests check the world: what lives at the vendor, what the
 * store holds, what was announced.
 */

/** Crashes to play for each transition; all of them with `REKEY_TESTS=all`. */
const CRASHES = whole ? 10_000 : 8;

/**
 * Plays `count` crashes of one transition, and the transition without a crash. Returns the
 * problems.
 */
async function sample(provider: string, transition: string, count: number): Promise<string[]> {
  const effects = (await effectsOf(provider, transition)) ?? 0;
  const all = Array.from({ length: effects }, (_, index) =>
    places.map(
      (place): Scenario => ({ provider, transition, first: { effect: index + 1, place } }),
    ),
  ).flat();
  const problems: string[] = [];
  for (const scenario of sampled(all, count, `${provider} ${transition}`)) {
    const { name, problem } = await play(scenario, seed);
    if (problem) problems.push(`${name}: ${problem}`);
  }
  return problems;
}

test.each(providersThat())(
  '%s: a crash at any call of a rotation, and of another transition, loses nothing',
  async (provider) => {
    const other = transitions[Math.floor(drawn(provider) * transitions.length)]?.name ?? '';
    expect(await sample(provider, 'rotation', 3)).toEqual([]);
    expect(await sample(provider, other, 2)).toEqual([]);
  },
);

test.each([
  [some.deleting, 'first issue'],
  [some.disabling, 'rotation'],
  [some.deleting, 'late rollback'],
  [some.disabling, 'rollback out of the soak'],
  [some.disabling, 'native rotation'],
])('%s, %s: a worker that dies at any call loses nothing', async (provider, transition) => {
  expect(await sample(provider, transition, CRASHES)).toEqual([]);
});

test('a crash during the recovery, or of a whole process, loses nothing', async () => {
  const first = { effect: 8, place: 'unanswered' } as const;
  const scenario: Scenario = { provider: some.disabling, transition: 'rotation', first };
  expect(
    await play({ ...scenario, second: { effect: 3, place: 'answered' } }, seed),
  ).not.toHaveProperty('problem');
  expect(await play({ ...scenario, killed: true }, seed)).not.toHaveProperty('problem');
});

test('a scenario is parsed back from its name', () => {
  const first = { effect: 12, place: 'unsent' } as const;
  const scenario = {
    provider: some.readable,
    transition: 'rollback',
    first,
    second: { effect: 3, place: 'answered' } as const,
  };
  for (const one of [scenario, { ...scenario, second: undefined, killed: true }]) {
    expect(parseName(nameOf(one))).toEqual({ killed: false, ...one });
  }
  expect(parseName(`${some.readable}, rollback`)).toBeUndefined();
});

test('a scenario that never reaches its crash fails', async () => {
  const { problem } = await play(
    { provider: some.disabling, transition: 'warning', first: { effect: 99, place: 'unsent' } },
    seed,
  );
  expect(problem).toContain('effect 99 unsent does not exist');
});

test('the witness notices a dead current credential, an early and a missing end', async () => {
  const setup = await openSetup(some.deleting);
  onTestFinished(() => setup.close());
  const { world, witness } = setup;
  await setup.run();
  world.wait(3_600_000);
  await setup.request('Rotation Requested');
  await setup.run();
  const { current, versions } = await world.ledger();
  const superseded = versions.find(({ revokeAfter }) => revokeAfter);
  const engine = world.engine();
  const end = async (id = '') => {
    const { provider, target } = world;
    const admin = await engine.admins.get(target.admin, provider);
    const endpoint = world.endpoints[target.provider]?.api ?? '';
    const signal = new AbortController().signal;
    const call = {
      params: target.params,
      admin,
      endpoint,
      registry: undefined,
      http: engine.http,
      now: world.clock.now,
      signal,
    };
    await provider.revoke?.(call, { id });
  };
  const label = superseded?.labels.find((one) => one.startsWith('rekey:1:revoke-after:')) ?? '';
  await engine.store.label(world.target.secret, label, { from: superseded?.id ?? '' });
  await expect(witness.look()).rejects.toThrow('has no time of revocation');
  await engine.store.label(world.target.secret, label, { to: superseded?.id ?? '' });
  await end(superseded?.credential?.id);
  await expect(witness.look()).rejects.toThrow('before its grace was over');
  await end(current?.credential?.id);
  await expect(witness.look()).rejects.toThrow('the credential of AWSCURRENT was revoked');
});
