import { afterAll, describe, expect, test } from 'vitest';
import { fuzz } from './subject.ts';
import { kept, subjects } from './subjects.ts';

/**
 * Of each subject: a count, so that a busy machine tries as much as an idle one. `npm run fuzz`
 * goes on from there.
 */
const RUNS = 100;

afterAll(async () => {
  for (const { close } of subjects) await close?.();
});

describe('whatever it is given, it stands:', () => {
  test.each(subjects)('$name', async (subject) => {
    const { problem, input, runs } = await fuzz(subject, { seed: 5, runs: RUNS });
    expect(problem && `${problem}\n${JSON.stringify(input)}`).toBeUndefined();
    expect(runs).toBe(RUNS);
  });
});

test('what failed once does not fail again', async () => {
  for (const { subject: name, input } of kept) {
    const subject = subjects.find((one) => one.name === name);
    await expect(Promise.resolve(subject?.stands(input)), name).resolves.toBeUndefined();
  }
});
