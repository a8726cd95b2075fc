import { expect, test } from 'vitest';
import { oneOfEach } from '../../support/providers.ts';
import { search } from './search.ts';

/** More and longer ones: `npm run histories`. */
const RUNS = Number(process.env.HISTORIES ?? 6);

test.each(oneOfEach(['lists', 'disables', 'readsAgain', 'cramped'], { revokes: true }))(
  '%s: random histories lose nothing, and settle',
  async (provider) => {
    const found = await search({ provider, seed: 7, runs: RUNS });
    expect(found.problem && `${found.problem}\n${JSON.stringify(found.history)}`).toBeUndefined();
  },
);
