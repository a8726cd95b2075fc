import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import type { History } from './happenings.ts';
import { live } from './history.ts';

/* Histories in which something was lost once. `npm run histories` prints what belongs here; the name says what is true of it. */
const seeds = JSON.parse(readFileSync(new URL('./seeds.json', import.meta.url), 'utf8')) as {
  name: string;
  history: History;
}[];

test.each(seeds)('$name', ({ history }) => live(history));
