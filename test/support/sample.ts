import { createHash } from 'node:crypto';

/** `REKEY_TESTS=all`: what a test draws by seed otherwise, it plays whole. */
export const whole = process.env.REKEY_TESTS === 'all';
/** What is drawn follows from it alone. */
export const seed = process.env.REKEY_SEED ?? '1';

/** How often a property is tried: so many times in all, and a fifth of that in `npm test`. */
export const runs = (all: number): number => (whole ? all : Math.ceil(all / 5));

/**
 * A number in [0, 1) that is the same for the same text: what is drawn for one scenario does not
 * hang on the others.
 */
export const drawn = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;

/** So many of these, without repeats, in an order that follows from the seed. */
export function sampled<Item>(items: readonly Item[], count: number, seed: string): Item[] {
  const pool = items.map((item, index) => ({ item, key: drawn(`${seed}/${index}`) }));
  return pool
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ item }) => item);
}
