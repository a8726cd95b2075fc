import { expect, test } from 'vitest';
import { secretsManagerStore } from '../../../lib/aws/secret-store.ts';
import { RekeyError } from '../../../lib/core/errors.ts';
import type { SecretStore } from '../../../lib/core/ports.ts';
import { Secret } from '../../../lib/core/secret.ts';
import { embeddedAws, versionId } from '../../support/embedded-aws.ts';
import { seeded } from '../histories/world.ts';
import { carryOut } from './effect.ts';
import { replay } from './replay.ts';
import { explore } from './search.ts';
import { storeOf } from './store.ts';
import { type VariantName, variants } from './target.ts';
import { emptyWorld, SECRET } from './world.ts';

type Call = (store: SecretStore, name: string) => Promise<unknown>;

/** Random calls, from a seed, that often collide. */
function calls(seed: number, count: number): readonly Call[] {
  const random = seeded(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const label = () => ['AWSCURRENT', 'AWSPENDING', `label-${upTo(24)}`][Math.min(2, upTo(8))] ?? '';
  const version = () => versionId(upTo(5));
  return Array.from({ length: count }, (): Call => {
    const [text, from, to] = [label(), version(), version()];
    const kind = upTo(5);
    if (kind === 0) {
      const [value, labels] = [new Secret(`value ${upTo(2)}`), [...new Set([text, label()])]];
      return (store, name) => store.put(name, to, value, labels);
    }
    if (kind === 1) return (store, name) => store.label(name, text, { from });
    if (kind === 2 && from !== to) return (store, name) => store.label(name, text, { from, to });
    return (store, name) => store.label(name, text, { to });
  });
}

/** The answer to a call, and the secret after it. */
async function outcome(store: SecretStore, name: string, call: Call) {
  const answer = await call(store, name).catch((error) => {
    if (error instanceof RekeyError) return error.code;
    throw error;
  });
  const versions = (await store.describe(name))?.versions ?? {};
  return [
    answer,
    Object.fromEntries(Object.entries(versions).map(([id, labels]) => [id, [...labels].sort()])),
  ];
}

test('the store of the explored world answers like Secrets Manager, call by call', async () => {
  const { aws, secretsManager, createSecret } = embeddedAws();
  for (const seed of [1, 2]) {
    const name = `app/${seed}`;
    await createSecret(name);
    const real = secretsManagerStore(secretsManager);
    const world = {
      ...emptyWorld(),
      labels: { [versionId(0)]: ['AWSCURRENT'] },
      values: { [versionId(0)]: { text: '{}' } },
    };
    const ours = storeOf(world, async (effect) => carryOut(world, effect));
    for (const [index, call] of calls(seed, 120).entries())
      expect(await outcome(ours, SECRET, call), `seed ${seed}, call ${index}`).toEqual(
        await outcome(real, name, call),
      );
  }
  await aws.close();
});

test('a replayed schedule takes the same steps each time', async () => {
  const lines = async () => {
    const printed: string[] = [];
    await replay('disable due 3:worker,5:hang', (line) => printed.push(line));
    return printed;
  };
  const first = await lines();
  expect(first.join('\n')).toContain('worker-2 starts');
  expect(await lines()).toEqual(first);
});

test('a schedule with an impossible choice is refused with a list of possible ones', async () => {
  await expect(replay('delete due 0:unlabel', () => {})).rejects.toThrow(
    /0:unlabel is not possible.*idle/,
  );
});

test.each(Object.keys(variants) as VariantName[])(
  '%s: two workers, one of which may die anywhere, bring the target to rest',
  async (variant) => {
    for (const start of ['first', 'due', 'end', 'created']) {
      const found = await explore({ variant, start, depth: 1, only: ['worker', 'kill'] });
      expect(found, start).toMatchObject({ complete: 1, violations: [] });
      expect(found?.executions, start).toBeGreaterThan(1);
    }
  },
);

/**
 * Breaking their guards makes these tests fail. A candidate has two guards, one behind the other.
 */
test.each([
  [
    'a worker with an old view revokes no credential that is current again',
    'delete',
    'stale-view',
    'time',
    'ended-current',
  ],
  [
    'no action of a person makes a worker revoke a candidate',
    'delete',
    'rolling-late',
    'hand',
    'ended-candidate',
  ],
] as const)('%s', async (_, variant, start, only, check) => {
  const found = await explore({ variant, start, depth: 1, only: [only] });
  expect(found?.executions).toBeGreaterThan(1);
  expect(found?.violations.filter((violation) => violation.check === check)).toEqual([]);
});
