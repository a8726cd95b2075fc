import { expect, test } from 'vitest';
import { oneOfEach } from '../../support/providers.ts';
import { search } from './search.ts';

/** More of them, and longer: `npm run histories`. */
const RUNS = Number(process.env.HISTORIES ?? 6);

test.each(oneOfEach(['lists', 'disables', 'readsAgain', 'cramped'], { revokes: true }))(
  '%s: whatever happens, nothing is lost, and it comes to rest',
  async (provider) => {
    const found = await search({ provider, seed: 7, runs: RUNS });
    expect(found.problem && `${found.problem}\n${JSON.stringify(found.history)}`).toBeUndefined();
  },
);
