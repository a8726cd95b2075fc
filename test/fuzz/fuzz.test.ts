import { afterAll, describe, expect, test } from 'vitest';
import { fuzz } from './subject.ts';
import { kept, subjects } from './subjects.ts';

afterAll(async () => {
  for (const { close } of subjects) await close?.();
});

describe('whatever it is given, it stands:', () => {
  test.each(subjects)('$name', async (subject) => {
    const found = await fuzz(subject, { seed: 5, runs: 100, ms: 200 });
    expect(found.problem && `${found.problem}\n${JSON.stringify(found.input)}`).toBeUndefined();
  });
});

test('what failed once does not fail again', async () => {
  for (const { subject: name, input } of kept) {
    const subject = subjects.find((one) => one.name === name);
    await expect(Promise.resolve(subject?.stands(input)), name).resolves.toBeUndefined();
  }
});
