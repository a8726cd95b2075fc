import { afterAll, describe, expect, test } from 'vitest';
import { fuzz } from './subject.ts';
import { kept, subjects } from './subjects.ts';

/**
 * Inputs for each subject. It is a count, so that a busy machine tries as many as an idle one. `npm
 * run fuzz` tries more.
 */
const RUNS = 100;

afterAll(async () => {
  for (const { close } of subjects) await close?.();
});

describe('any input is handled:', () => {
  test.each(subjects)('$name', async (subject) => {
    const { problem, input, runs } = await fuzz(subject, { seed: 5, runs: RUNS });
    expect(problem && `${problem}\n${JSON.stringify(input)}`).toBeUndefined();
    expect(runs).toBe(RUNS);
  });
});

test('inputs that once failed do not fail again', async () => {
  for (const { subject: name, input } of kept) {
    const subject = subjects.find((one) => one.name === name);
    await expect(Promise.resolve(subject?.stands(input)), name).resolves.toBeUndefined();
  }
});
