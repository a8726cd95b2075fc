import { createHash } from 'node:crypto';

/** True for `REKEY_TESTS=all`: tests play all cases of which they otherwise draw some by seed. */
export const whole = process.env.REKEY_TESTS === 'all';
/** The seed of all draws. */
export const seed = process.env.REKEY_SEED ?? '1';

/** Runs of a property: `all` of them for `REKEY_TESTS=all`, and otherwise a tenth. */
export const runs = (all: number): number => (whole ? all : Math.ceil(all / 10));

/**
 * A number in [0, 1) that depends only on the text, so that draws for one scenario do not depend on
 * other scenarios.
 */
export const drawn = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;

/** Draws `count` items without repeats, in an order that depends on the seed. */
export function sampled<Item>(items: readonly Item[], count: number, seed: string): Item[] {
  const pool = items.map((item, index) => ({ item, key: drawn(`${seed}/${index}`) }));
  return pool
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ item }) => item);
}
