import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import type { History } from './happenings.ts';
import { live } from './history.ts';

/*
 * Histories that once lost something. `npm run histories` prints new ones to keep. The name states
 * the expected behavior.
 */
const seeds = JSON.parse(readFileSync(new URL('./seeds.json', import.meta.url), 'utf8')) as {
  name: string;
  history: History;
}[];

test.each(seeds)('$name', ({ history }) => live(history));
